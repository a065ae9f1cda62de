using System.Collections.Immutable;
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
            return call.Write(() => Json.Write(host), [Line(host)]);
        });
        command.Add(mode);
        return command;
    }

    /// <summary>The mode, and why it is not the one that was set or configured.</summary>
    internal static string Line(HostStatus host)
    {
        string reason = host.ModeReason.Length > 0 ? $": {Printable.Of(host.ModeReason)}" : "";
        return $"mode is {Printable.Of(host.Mode)}{reason}";
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
            HostStatus host = call.Client.Read();
            return call.Write(() => Json.Write(host), ["configuration reloaded", ModeCommand.Line(host)]);
        });
}

/// <summary><c>xenballoon restore</c>.</summary>
internal static class RestoreCommand
{
    private const string Description = "Give every domain back what it booted with, and pause the balancing.";

    private const string Notes = DaemonCommand.Authorized + """
        Domains that have less than they booted with grow as far as memory is free; others give up what they
        have above it and do not use. Then the mode is paused, since balancing would undo it: 'xenballoon mode
        active' ends that. Run this before xenballoond is removed. What each domain has is written; a domain
        that has less than it booted with is named on standard error with the reason, and the exit status is 1.

        Examples:
          xenballoon restore
          xenballoon restore --timeout 300
        """;

    private const double DefaultTimeout = 60, LongestTimeout = 3600;

    internal static NotedCommand Create(Terminal terminal)
    {
        var timeout = new Option<double?>("--timeout")
        {
            Description = "End after this many seconds (60), even if memory still moves.",
            HelpName = "SECONDS",
            CustomParser = static result => SecondsParser.Seconds(result, least: 1, most: LongestTimeout),
        };
        NotedCommand command = DaemonCommand.Create(terminal, "restore", Description, Notes, call =>
        {
            double seconds = Math.Ceiling(call.Parsed.GetValue(timeout) ?? DefaultTimeout);
            ImmutableArray<string> missing = call.Client.Restore(TimeSpan.FromSeconds(seconds));
            HostStatus host = call.Client.Read();
            call.Write(() => Json.Write(new RestoreJson(host.Domains, missing)), Lines(host));
            foreach (string line in missing) call.Terminal.Error.WriteLine($"xenballoon: {Printable.Of(line)}");
            return missing.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
        });
        command.Add(timeout);
        return command;
    }

    private static IEnumerable<string> Lines(HostStatus host)
    {
        IEnumerable<DomainStatus> managed = host.Domains.Where(domain => domain.Managed);
        foreach (DomainStatus domain in managed) yield return DomainText.Restored(domain);
        yield return ModeCommand.Line(host);
    }
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
