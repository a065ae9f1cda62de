using XenBalloon.Bus.Interfaces;
using XenBalloon.CommandLine;
using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;

namespace XenBalloon.Cli.Output;

/// <summary>The host and the balancer, for a person.</summary>
internal static class StatusText
{
    internal static IEnumerable<string> Of(HostStatus host)
    {
        yield return $"xenballoond  {Printable.Of(host.Version)} on {Printable.Of(host.Host)}";
        yield return $"mode         {Printable.Of(host.Mode)}{(host.IsActive ? "" : ": nothing is changed")}";
        yield return $"policy       {Printable.Of(host.Policy)}";
        yield return $"memory       {host.HostTotal}, of which {host.HostFree} free";
        yield return $"kept free    {host.Slack} always, {host.KeepFree} for the next domain";
        string reservations = host.ReservationCount == 1 ? "reservation" : "reservations";
        yield return $"reserved     {host.Reserved} in {host.ReservationCount} {reservations}";
        yield return $"pressure     {Printable.Of(host.Pressure)}";
        yield return $"alarm        {Printable.Of(host.Alarm)}{Advice(host.Alarm)}";
        yield return $"domains      {host.DomainCount}, of which {host.ManagedCount} managed";
    }

    private static string Advice(string alarm) => EnumText.Parse<HostAlarm>(alarm) switch
    {
        HostAlarm.MinimumsExceedHost => ": lower a domain's minimum, or shut one down",
        HostAlarm.DemandExceedsHost => ": domains use more than the host has; no idle memory is left to reclaim",
        _ => "",
    };
}
