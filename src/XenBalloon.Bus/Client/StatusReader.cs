using System.Globalization;
using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;

namespace XenBalloon.Bus.Client;

/// <summary>Makes the client's records of the properties in an answer. A property that is missing, in an older daemon, counts as not known.</summary>
internal static class StatusReader
{
    private const string NoReport = "none";

    /// <summary>Reads the answer of GetManagedObjects: <c>a{oa{sa{sv}}}</c>.</summary>
    internal static List<DomainStatus> ReadDomains(Message answer)
    {
        var domains = new List<DomainStatus>();
        answer.ReadArray("{oa{sa{sv}}}", () =>
        {
            answer.Read(BusValue.Path);
            answer.ReadArray("{sa{sv}}", () =>
            {
                string interfaceName = answer.Read(BusValue.String).AsText();
                Dictionary<string, BusValue> properties = answer.ReadProperties();
                if (interfaceName == Names.DomainInterface) domains.Add(ToDomain(properties));
            });
        });
        domains.Sort((left, right) => left.Domid.CompareTo(right.Domid));
        return domains;
    }

    internal static HostStatus ToHost(Dictionary<string, BusValue> manager, IEnumerable<DomainStatus> domains) => new()
    {
        Version = Text(manager, "Version"),
        Host = Text(manager, "Host"),
        Mode = Text(manager, "Mode"),
        Policy = Text(manager, "Policy"),
        Total = Sizes.FromBus(Value(manager, "HostTotal")),
        Free = Sizes.FromBus(Value(manager, "HostFree")),
        Slack = Sizes.FromBus(Value(manager, "Slack")),
        KeepFree = Sizes.FromBus(Value(manager, "KeepFree")),
        Pressure = Text(manager, "Pressure"),
        Alarm = Text(manager, "Alarm"),
        Domains = [.. domains],
    };

    /// <summary>The domid at the end of a domain's path.</summary>
    internal static uint DomidOf(string path) => uint.Parse(path[Names.DomainPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture);

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
