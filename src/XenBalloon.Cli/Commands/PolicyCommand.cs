using System.CommandLine;
using XenBalloon.Bus.Client;
using XenBalloon.Cli.Output;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon policy</c>.</summary>
internal static class PolicyCommand
{
    internal const string Name = "policy";

    internal const string Notes = """
        Policies:
          fair-share      by weights, with a tax on idle memory: what is in use comes first
          proportional    all the same part of the way from their minimum to their maximum
          shares          the minimums, and of the rest by weights
          static          everyone what they have

        Examples:
          xenballoon policy
          xenballoon policy shares
        """;

    private const string Description = "Show who gets how much, or set it until the daemon is restarted (for root only).";

    internal static Command Create(Terminal terminal)
    {
        var policy = new Argument<string?>("POLICY") { Description = "Its name; without it, the policy is shown.", Arity = ArgumentArity.ZeroOrOne };
        policy.CompletionSources.Add([.. PolicyNames.All.Select(known => known.Name)]);
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            if (call.Parsed.GetValue(policy) is { } wanted) call.Client.SetPolicy(wanted);
            HostStatus host = call.Client.Read();
            return call.Say(() => Json.Write(StatusJson.Of(host)), [$"policy is {Printable.Of(host.Policy)}"]);
        });
        command.Add(policy);
        return command;
    }
}
