using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon mode</c>.</summary>
internal static class ModeCommand
{
    private const string Description = "Show the mode, or set it until the daemon ends.";

    private const string Notes = """
        Setting it requires root or polkit authorization.

        Modes:
          observe    targets are computed and shown, and nothing is changed
          active     memory is moved
          paused     as observe; memory stays as it is until the mode is active again

        Examples:
          xenballoon mode
          xenballoon mode paused
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<BalancerMode?> mode = EnumArgument.Create<BalancerMode>("MODE");
        NotedCommand command = DaemonCommand.Create(terminal, "mode", Description, Notes, call =>
        {
            if (call.Parsed.GetValue(mode) is { } wanted) call.Client.SetMode(wanted);
            HostStatus host = call.Client.Read();
            string reason = host.ModeReason.Length > 0 ? $": {Printable.Of(host.ModeReason)}" : "";
            return call.Write(() => Json.Write(host), [$"mode is {Printable.Of(host.Mode)}{reason}"]);
        });
        command.Add(mode);
        return command;
    }
}

/// <summary><c>xenballoon policy</c>.</summary>
internal static class PolicyCommand
{
    private const string Description = "Show the policy, or set it until the daemon ends.";

    private const string Notes = """
        Setting it requires root or polkit authorization.

        Policies:
          fair-share      by need, and by weight where there is not enough memory
          proportional    each domain the same fraction of its range
          shares          each domain its minimum, and the rest by weight
          static          each domain what it has

        Examples:
          xenballoon policy
          xenballoon policy shares
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<PolicyKind?> policy = EnumArgument.Create<PolicyKind>("POLICY");
        NotedCommand command = DaemonCommand.Create(terminal, "policy", Description, Notes, call =>
        {
            if (call.Parsed.GetValue(policy) is { } wanted) call.Client.SetPolicy(EnumText.Of(wanted));
            HostStatus host = call.Client.Read();
            return call.Write(() => Json.Write(host), [$"policy is {Printable.Of(host.Policy)}"]);
        });
        command.Add(policy);
        return command;
    }
}

/// <summary><c>xenballoon reload</c>.</summary>
internal static class ReloadCommand
{
    private const string Description = "Reload the daemon's configuration; if it is invalid, the old one is kept.";

    private const string Notes = DaemonCommand.Authorized + """
        Examples:
          xenballoon reload
        """;

    internal static NotedCommand Create(Terminal terminal) =>
        DaemonCommand.Create(terminal, "reload", Description, Notes, static call =>
        {
            call.Client.Reload();
            return call.Write(() => Json.Write(call.Client.Read()), ["configuration reloaded"]);
        });
}

/// <summary><c>xenballoon balance</c>.</summary>
internal static class BalanceCommand
{
    private const string Description = "Make a balancing pass now instead of at the next interval.";

    private const string Notes = DaemonCommand.Authorized + """
        Examples:
          xenballoon balance
        """;

    internal static NotedCommand Create(Terminal terminal) =>
        DaemonCommand.Create(terminal, "balance", Description, Notes, static call =>
        {
            call.Client.Balance();
            return call.Write(() => Json.Write(call.Client.Read()), ["balancing pass completed"]);
        });
}
