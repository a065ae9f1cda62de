using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Server;

/// <summary>
/// The methods of a domain's object. On the bus a size or a weight of 0 leaves a setting to the configuration.
/// </summary>
internal sealed class DomainMethods(DomainIdentity domain, IControl control, Authorization authorization)
    : DomainInterface.IMethods
{
    /// <inheritdoc/>
    public Task SetAsync(BusCall call, Dictionary<string, VariantValue> settings, bool runtime) =>
        ChangeAsync(call, runtime, [.. settings.Select(one => Read(one.Key, one.Value))]);

    /// <inheritdoc/>
    public Task SetRangeAsync(BusCall call, KiB minKib, KiB maxKib, bool runtime) =>
        ChangeAsync(
            call,
            runtime,
            (DomainSetting.Minimum, Known(minKib.Value)),
            (DomainSetting.Maximum, Known(maxKib.Value)));

    /// <inheritdoc/>
    public Task SetMinimumAsync(BusCall call, KiB minKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Minimum, Known(minKib.Value)));

    /// <inheritdoc/>
    public Task SetMaximumAsync(BusCall call, KiB maxKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Maximum, Known(maxKib.Value)));

    /// <inheritdoc/>
    public Task SetWeightAsync(BusCall call, uint weight, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Weight, Known(weight)));

    /// <inheritdoc/>
    public Task SetManagedAsync(BusCall call, bool managed, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Managed, managed ? 1 : 0));

    /// <inheritdoc/>
    public Task PinAsync(BusCall call, KiB sizeKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Pin, sizeKib.Value));

    /// <inheritdoc/>
    public async Task UnpinAsync(BusCall call)
    {
        await authorization.RequireAsync(call, BusNames.SetDomainAction);
        await control.UnpinAsync(domain);
    }

    private async Task ChangeAsync(BusCall call, bool runtime, params (DomainSetting Setting, long? Value)[] changes)
    {
        if (changes.Length == 0) throw Invalid($"no setting given: expected some of {Names}");
        await authorization.RequireAsync(call, BusNames.SetDomainAction);
        await control.SetDomainAsync(
            domain, changes.ToDictionary(change => change.Setting, change => change.Value), runtime);
    }

    private static string Names => string.Join(", ", DomainSetting.All.Select(setting => setting.Name));

    private static (DomainSetting Setting, long? Value) Read(string name, VariantValue value)
    {
        DomainSetting setting =
            DomainSetting.Find(name) ?? throw Invalid($"no setting '{name}': expected one of {Names}");
        return (setting, SettingVariant.Read(setting, value));
    }

    private static long? Known(long number) => number == 0 ? null : number;

    private static ControlException Invalid(string message) => new(ControlError.InvalidArgument, message);
}
