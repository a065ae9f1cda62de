using System.Globalization;
using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;

namespace XenBalloon.Bus.Client;

/// <summary>Makes the client's records of the properties in an answer. A property that is missing, in an older daemon, counts as not known.</summary>
internal static class StatusReader
{
    private const string NoReport = "none";

    /// <summary>The end of the year 9999.</summary>
    private const ulong LastSecond = 253_402_300_799;

    /// <summary>Reads the answer of GetManagedObjects: <c>a{oa{sa{sv}}}</c>.</summary>
    internal static (List<DomainStatus> Domains, List<ReservationStatus> Reservations) ReadObjects(Message answer)
    {
        var domains = new List<DomainStatus>();
        var reservations = new List<ReservationStatus>();
        answer.ReadArray("{oa{sa{sv}}}", () =>
        {
            string path = answer.Read(BusValue.Path).AsText();
            answer.ReadArray("{sa{sv}}", () =>
            {
                string interfaceName = answer.Read(BusValue.String).AsText();
                Dictionary<string, BusValue> properties = answer.ReadProperties();
                if (interfaceName == Names.DomainInterface) domains.Add(ToDomain(properties));
                if (interfaceName == Names.ReservationInterface) reservations.Add(ToReservation(path, properties));
            });
        });
        domains.Sort((left, right) => left.Domid.CompareTo(right.Domid));
        reservations.Sort((left, right) => left.Id.CompareTo(right.Id));
        return (domains, reservations);
    }

    internal static HostStatus ToHost(Dictionary<string, BusValue> manager, List<DomainStatus> domains, List<ReservationStatus> reservations) => new()
    {
        Version = Text(manager, "Version"),
        Host = Text(manager, "Host"),
        Mode = Text(manager, "Mode"),
        Policy = Text(manager, "Policy"),
        Total = Sizes.FromBus(Value(manager, "HostTotal")),
        Free = Sizes.FromBus(Value(manager, "HostFree")),
        Slack = Sizes.FromBus(Value(manager, "Slack")),
        KeepFree = Sizes.FromBus(Value(manager, "KeepFree")),
        Reserved = Sizes.FromBus(Value(manager, "Reserved")),
        Pressure = Text(manager, "Pressure"),
        Alarm = Text(manager, "Alarm"),
        Domains = [.. domains],
        Reservations = [.. reservations],
    };

    /// <summary>The domid at the end of a domain's path.</summary>
    internal static uint DomidOf(string path) => uint.Parse(path[Names.DomainPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The number at the end of a reservation's path.</summary>
    internal static long ReservationOf(string path) => long.Parse(path[Names.ReservationPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);

    private static ReservationStatus ToReservation(string path, Dictionary<string, BusValue> reservation) => new()
    {
        Id = ReservationOf(path),
        Owner = Text(reservation, "Owner"),
        For = Text(reservation, "For"),
        Persistent = Value(reservation, "Persistent").Number != 0,
        Minimum = Sizes.FromBus(Value(reservation, "Minimum")),
        Maximum = Sizes.FromBus(Value(reservation, "Maximum")),
        Held = Sizes.FromBus(Value(reservation, "Held")),
        State = Text(reservation, "State"),
        Deadline = Time(Value(reservation, "Deadline")),
        Eta = Time(Value(reservation, "Eta")),
        BlockedBy = Value(reservation, "BlockedBy").Texts,
        Domid = Text(reservation, "Domain") is { Length: > 0 } domain ? DomidOf(domain) : null,
        Reason = Text(reservation, "Reason"),
    };

    private static DateTimeOffset? Time(BusValue seconds) => seconds.Number == 0 ? null : DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds.Number, LastSecond));

    private static DomainStatus ToDomain(Dictionary<string, BusValue> domain) => new()
    {
        Domid = (uint)Value(domain, "Domid").Number,
        Uuid = Text(domain, "Uuid"),
        Name = Text(domain, "Name"),
        State = Text(domain, "State"),
        Managed = Value(domain, "Managed").Number != 0,
        Health = Text(domain, "Health"),
        Actual = Sizes.FromBus(Value(domain, "Actual")),
        Target = Sizes.KnownFromBus(Value(domain, "Target")),
        MaxMem = Sizes.FromBus(Value(domain, "MaxMem")),
        DynamicMin = Sizes.KnownFromBus(Value(domain, "DynamicMin")),
        DynamicMax = Sizes.KnownFromBus(Value(domain, "DynamicMax")),
        StaticMax = Sizes.KnownFromBus(Value(domain, "StaticMax")),
        Pinned = Sizes.KnownFromBus(Value(domain, "Pinned")),
        SettingsFrom = Text(domain, "SettingsFrom"),
        Weight = (uint)Value(domain, "Weight").Number,
        Hot = Sizes.KnownFromBus(Value(domain, "Hot")),
        Want = Sizes.KnownFromBus(Value(domain, "Want")),
        Floor = Sizes.KnownFromBus(Value(domain, "Floor")),
        Entitlement = Sizes.KnownFromBus(Value(domain, "Entitlement")),
        ReportSource = Text(domain, "ReportSource"),
        ReportVerdict = Text(domain, "ReportVerdict"),
        ReportAge = Text(domain, "ReportSource") is NoReport or "" ? null : TimeSpan.FromSeconds(Math.Min(Value(domain, "ReportAge").Number, uint.MaxValue)),
        Reason = Text(domain, "Reason"),
    };

    private static BusValue Value(Dictionary<string, BusValue> properties, string name) => properties.GetValueOrDefault(name);

    private static string Text(Dictionary<string, BusValue> properties, string name) => Value(properties, name).AsText();
}
