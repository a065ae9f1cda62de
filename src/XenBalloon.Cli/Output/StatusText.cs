using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>The host and the balancer, for a person.</summary>
internal static class StatusText
{
    internal static IEnumerable<string> Of(HostStatus host)
    {
        yield return $"xenballoond  {Printable.Of(host.Version)} on {Printable.Of(host.Host)}";
        yield return $"mode         {host.Mode}{Meaning(host.Mode)}";
        yield return $"policy       {Printable.Of(host.Policy)}";
        yield return $"memory       {host.Total}, of which {host.Free} free";
        yield return $"kept free    {host.Slack} always, {host.KeepFree} for the next domain";
        yield return $"reserved     {host.Reserved} in {host.Reservations.Length} reservation{(host.Reservations.Length == 1 ? "" : "s")}";
        yield return $"pressure     {host.Pressure}";
        yield return $"alarm        {host.Alarm}{AlarmMeaning(host.Alarm)}";
        yield return $"domains      {host.Domains.Length}, of which {host.Domains.Count(domain => domain.Managed)} managed";
    }

    private static string Meaning(string mode) => mode switch
    {
        "observe" or "paused" => ": nothing is changed",
        _ => "",
    };

    private static string AlarmMeaning(string alarm) => alarm switch
    {
        "minimums-exceed-host" => ": lower a domain's minimum, or shut one down",
        "demand-exceeds-host" => ": domains use more than the host has; nothing idle is left to give",
        _ => "",
    };
}
