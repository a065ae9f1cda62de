using System.CommandLine;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Cli.Output;
using XenBalloon.CommandLine;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Commands;

/// <summary><c>xenballoon list</c>.</summary>
internal static class ListCommand
{
    private const string Description = "List the domains with their memory and the reason for it.";

    private const string Notes = """
        Sizes are in MiB, like those of xl list. Min and Max are the range that the balancer works within,
        In use is what is in use now, Peak the most within the last 15 to 30 minutes. The Target of a pinned
        domain has an asterisk. A narrow terminal shows fewer columns; a pipe or a file gets all of them.

        State is the kind of the reason; xenballoon(1), REASONS, defines each:
          balanced, pinned, at-share, at-maximum    its size does not change
          growing, waiting-for-memory               gets memory, now or when some is free
          shrinking, pressed, put-back              gives memory up, or got it back after a test
          settling, recovering, in-use              will be shrunk later, if at all
          silent, stuck                             its reports or its balloon do not work
          starting, migrating, not-running          is left alone until it runs here
          no-range, passthrough, not-recreatable, overridden, unmanaged    is left alone
          minimums-exceed-host                      no memory is moved on this host

        Examples:
          xenballoon list
          xenballoon list --json | jq '.domains[] | select(.pinned_kib) | .name'
        """;

    internal static NotedCommand Create(Terminal terminal) =>
        DaemonCommand.Create(terminal, "list", Description, Notes, static call =>
        {
            HostStatus host = call.Client.Read();
            return call.Write(
                () => Json.Write(new ListJson(host.Domains)),
                DomainTable.Of(host.Domains).Lines(call.Terminal.Width));
        });
}

/// <summary><c>xenballoon explain</c>.</summary>
internal static class ExplainCommand
{
    private const string Description = "Show why a domain has its memory, with all numbers that led to it.";

    private const string Notes = """
        Examples:
          xenballoon explain web
          xenballoon explain 3
        """;

    internal static NotedCommand Create(Terminal terminal)
    {
        Argument<string> domain = DomainArgument.Create();
        NotedCommand command = DaemonCommand.Create(terminal, "explain", Description, Notes, call =>
            call.WithDomain(domain, static _ => { }, shown => DomainText.Explain(shown, call.Client.Read())));
        command.Add(domain);
        return command;
    }
}

/// <summary><c>xenballoon status</c>.</summary>
internal static class StatusCommand
{
    private const string Description = "Show the host and the state of the balancer.";

    private const string Notes = """
        Examples:
          xenballoon status
          xenballoon status -H root@xen2
        """;

    internal static NotedCommand Create(Terminal terminal) =>
        DaemonCommand.Create(terminal, "status", Description, Notes, static call =>
        {
            HostStatus host = call.Client.Read();
            return call.Write(() => Json.Write(host), Lines(host));
        });

    private static IEnumerable<string> Lines(HostStatus host)
    {
        yield return $"xenballoond  {Printable.Of(host.Version)} on {Printable.Of(host.Host)}";
        yield return $"mode         {Printable.Of(host.Mode)}{(host.IsActive ? "" : ": nothing is changed")}";
        if (host.ModeReason.Length > 0) yield return $"             {Printable.Of(host.ModeReason)}";
        yield return $"policy       {Printable.Of(host.Policy)}";
        yield return $"memory       {host.HostTotal}, of which {host.HostFree} free";
        yield return $"slack        {host.Slack}, always kept free";
        yield return $"keep-free    {host.KeepFree}, kept free for the next domain";
        string reservations = host.ReservationCount == 1 ? "reservation" : "reservations";
        yield return $"reserved     {host.Reserved} in {host.ReservationCount} {reservations}";
        yield return $"pressure     {Printable.Of(host.Pressure)}";
        yield return $"alarm        {Printable.Of(host.Alarm)}{Advice(host.Alarm)}";
        foreach (DomainStatus domain in host.Domains.Where(domain => !domain.Alarms.IsEmpty))
        {
            yield return $"             {DomainText.Alarms(domain)}: see 'xenballoon explain {domain.Domid}'";
        }

        yield return $"domains      {host.DomainCount}, of which {host.ManagedCount} managed";
    }

    private static string Advice(string alarm) => EnumText.Parse<HostAlarm>(alarm) switch
    {
        HostAlarm.MinimumsExceedHost => ": lower a domain's minimum, or shut one down",
        HostAlarm.DemandExceedsHost => ": domains use more than the host has; no idle memory is left to reclaim",
        HostAlarm.FreeBelowSlack => ": no domain can give up memory; shut one down, or lower 'slack'",
        _ => "",
    };
}
