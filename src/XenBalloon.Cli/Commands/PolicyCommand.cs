using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon policy</c>.</summary>
internal static class PolicyCommand
{
    internal const string Name = "policy";

    internal const string Notes = """
        Policies:
          fair-share      by weights, with a tax on idle memory: memory in use takes precedence
          proportional    each domain the same fraction of the way from its minimum to its maximum
          shares          each domain its minimum, and the rest by weights
          static          each domain what it has

        Examples:
          xenballoon policy
          xenballoon policy shares
        """;

    private const string Description =
        "Show the policy, or set it until the daemon ends (requires root or polkit authorization).";

    internal static Command Create(Terminal terminal)
    {
        Argument<PolicyKind?> policy = WordArgument.Create<PolicyKind>("POLICY");
        Command command = DaemonCommand.Create(terminal, Name, Description, call =>
        {
            if (call.Parsed.GetValue(policy) is { } wanted) call.Client.SetPolicy(EnumText.Of(wanted));
            HostStatus host = call.Client.Read();
            return call.Say(() => Json.Write(host), [$"policy is {Printable.Of(host.Policy)}"]);
        });
        command.Add(policy);
        return command;
    }
}
