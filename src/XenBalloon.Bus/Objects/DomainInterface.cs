using XenBalloon.Bus.Definitions;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;
using static XenBalloon.Bus.Definitions.PropertyChanges;

namespace XenBalloon.Bus.Objects;

/// <summary>What a domain's object can be asked. Sizes are in KiB; 0 stands for a size that is not known.</summary>
internal static class DomainInterface
{
    private const string Runtime = "runtime";

    internal static BusInterface<PublishedDomain> Define(IControl control) => new(Names.DomainInterface, [
        new("SetRange", [new("min_kib", BusValue.UInt64), new("max_kib", BusValue.UInt64), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Range, new DomainSettings { Minimum = Sizes.KnownFromBus(call.Arguments[0]), Maximum = Sizes.KnownFromBus(call.Arguments[1]) })),
        new("SetMinimum", [new("min_kib", BusValue.UInt64), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Minimum, new DomainSettings { Minimum = Sizes.KnownFromBus(call.Arguments[0]) })),
        new("SetMaximum", [new("max_kib", BusValue.UInt64), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Maximum, new DomainSettings { Maximum = Sizes.KnownFromBus(call.Arguments[0]) })),
        new("SetWeight", [new("weight", BusValue.UInt32), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Weight, new DomainSettings { Weight = Weight(call.Arguments[0].Number) })),
        new("SetManaged", [new("managed", BusValue.Boolean), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Managed, new DomainSettings { Managed = call.Arguments[0].Number != 0 })),
        new("Pin", [new("size_kib", BusValue.UInt64), new(Runtime, BusValue.Boolean)], null, (d, call) => SetAsync(
            d, call, control, DomainSetting.Pin, new DomainSettings { Pin = Sizes.FromBus(call.Arguments[0]) })),
        new("Unpin", [], null, (d, call) => Authorization.IfAllowedAsync(call, Names.SetDomainAction, () => control.UnpinAsync(Seen(d).Identity))),
    ], [
        new("Domid", BusValue.UInt32, Never, d => (uint)Seen(d).Identity.Domid),
        new("Uuid", BusValue.String, Never, d => Seen(d).Identity.Uuid.ToString()),
        new("Name", BusValue.String, Announced, d => Seen(d).Name),
        new("State", BusValue.String, Announced, d => Words.For(Seen(d).Lifecycle)),
        new("Managed", BusValue.Boolean, Announced, d => d.Decision.Managed),
        new("Health", BusValue.String, Announced, d => Words.For(d.Decision.Health)),
        new("Actual", BusValue.UInt64, Announced, d => Size(Seen(d).Occupied)),
        new("Target", BusValue.UInt64, Announced, d => Size(d.Target)),
        new("MaxMem", BusValue.UInt64, Announced, d => Size(Seen(d).MaxMem)),
        new("DynamicMin", BusValue.UInt64, Announced, d => Size(d.Decision.Minimum)),
        new("DynamicMax", BusValue.UInt64, Announced, d => Size(d.Decision.Maximum)),
        new("StaticMax", BusValue.UInt64, Announced, d => Size(Seen(d).StaticMax)),
        new("Weight", BusValue.UInt32, Announced, d => (uint)Math.Max(0, d.Decision.Weight)),
        new("Pinned", BusValue.UInt64, Announced, d => Size(d.Decision.Pin)),
        new("SettingsFrom", BusValue.String, Silent, d => d.SettingsFrom),
        new("Hot", BusValue.UInt64, Announced, d => Size(d.Decision.Demand?.Hot)),
        new("Want", BusValue.UInt64, Announced, d => Size(d.Decision.Demand?.Want)),
        new("Floor", BusValue.UInt64, Announced, d => Size(d.Decision.Demand?.Floor)),
        new("Entitlement", BusValue.UInt64, Announced, d => Size(d.Decision.Entitlement)),
        new("ReportSource", BusValue.String, Announced, d => Words.For(Seen(d).Report?.Source)),
        new("ReportVerdict", BusValue.String, Announced, d => Words.For(d.Decision.Demand?.Verdict)),
        new("ReportAge", BusValue.UInt64, Silent, d => Seconds(Seen(d).Report is { } report ? d.At - report.ReceivedAt : TimeSpan.Zero)),
        new("Reason", BusValue.String, Announced, d => d.Decision.Reason.ToString()),
    ]);

    private static Task<BusValue?> SetAsync(PublishedDomain domain, IMethodCall call, IControl control, DomainSetting setting, DomainSettings said) =>
        Authorization.IfAllowedAsync(
            call, Names.SetDomainAction, () => control.SetDomainAsync(Seen(domain).Identity, setting, said, transient: call.Arguments[^1].Number != 0));

    /// <summary>What is too large for a weight is left to whoever checks it.</summary>
    private static int? Weight(ulong number) => number == 0 ? null : (int)Math.Min(number, int.MaxValue);

    private static DomainSnapshot Seen(PublishedDomain domain) => domain.Decision.Domain;

    private static BusValue Size(KiB? size) => Sizes.ToBus(size);

    private static BusValue Seconds(TimeSpan age) => (ulong)Math.Max(0, age.TotalSeconds);
}
