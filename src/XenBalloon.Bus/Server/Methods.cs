using System.Collections.Immutable;
using System.Globalization;
using Tmds.DBus.Protocol;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Server;

/// <summary>The methods of the root object: the host and the balancer as a whole.</summary>
/// <param name="control">The daemon.</param>
/// <param name="owners">Identifies the owners of reservations.</param>
/// <param name="newest">The newest publication.</param>
internal sealed class ManagerMethods(IControl control, OwnerWatcher owners, Func<Publication> newest)
    : ManagerInterface.IMethods
{
    private const uint LongestRestore = 3600;

    /// <inheritdoc/>
    public Task<string> GetDomainAsync(BusCall call, string nameOrUuidOrDomid)
    {
        if (nameOrUuidOrDomid.Length == 0) throw Invalid("no domain given: expected a name, UUID or domid");
        Func<DomainSnapshot, bool> matches = Matcher(nameOrUuidOrDomid);
        int[] found =
        [
            .. newest().Plan.Domains
                .Select(decision => decision.Domain)
                .Where(matches)
                .Select(domain => domain.Identity.Domid),
        ];
        return found.Length switch
        {
            1 => Task.FromResult(BusNames.DomainPath(found[0])),
            0 => throw new ControlException(
                ControlError.NoSuchDomain, $"no domain '{nameOrUuidOrDomid}': see 'xenballoon list'"),

            // During a local migration two domains have the same UUID.
            _ => throw Invalid(
                $"'{nameOrUuidOrDomid}' names {found.Length} domains, {string.Join(" and ", found)}: give a domid"),
        };
    }

    /// <inheritdoc/>
    public async Task<string> ReserveAsync(
        BusCall call, KiB minKib, KiB maxKib, Dictionary<string, VariantValue> options)
    {
        var request = new ReservationRequest(minKib, maxKib, owners.OwnerOf(call.Caller));
        foreach ((string name, VariantValue value) in options) request = WithOption(request, name, value);
        return BusNames.ReservationPath(await control.OnBehalfOf(call.Requester).ReserveAsync(request));
    }

    /// <inheritdoc/>
    public Task SetModeAsync(BusCall call, string mode) => control.OnBehalfOf(call.Requester).SetModeAsync(
        EnumText.Parse<BalancerMode>(mode)
        ?? throw Invalid($"invalid mode '{mode}': expected {EnumText.List<BalancerMode>()}"));

    /// <inheritdoc/>
    public Task SetPolicyAsync(BusCall call, string policy) => control.OnBehalfOf(call.Requester).SetPolicyAsync(
        EnumText.Parse<PolicyKind>(policy)
        ?? throw Invalid($"invalid policy '{policy}': expected {EnumText.List<PolicyKind>()}"));

    /// <inheritdoc/>
    public Task ReloadAsync(BusCall call) => control.OnBehalfOf(call.Requester).ReloadAsync();

    /// <inheritdoc/>
    public Task BalanceAsync(BusCall call) => control.OnBehalfOf(call.Requester).BalanceAsync();

    /// <inheritdoc/>
    public Task<ImmutableArray<string>> RestoreAsync(BusCall call, uint timeoutS)
    {
        if (timeoutS is 0 or > LongestRestore) throw Invalid($"invalid timeout {timeoutS}: expected 1 to 3600 s");
        return control.OnBehalfOf(call.Requester).RestoreAsync(TimeSpan.FromSeconds(timeoutS));
    }

    /// <summary>Matches by domid, UUID or name, in that order, as xl does.</summary>
    private static Func<DomainSnapshot, bool> Matcher(string wanted)
    {
        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int domid))
        {
            return domain => domain.Identity.Domid == domid;
        }

        if (Guid.TryParseExact(wanted, "D", out Guid uuid)) return domain => domain.Identity.Uuid == uuid;
        return domain => domain.Name == wanted;
    }

    /// <summary>Rejects an unknown option, because the caller relies on its effect.</summary>
    private static ReservationRequest WithOption(ReservationRequest request, string name, VariantValue value) =>
        (name, value.Type) switch
        {
            ("timeout", VariantValueType.UInt32) => request with { Within = TimeSpan.FromSeconds(value.GetUInt32()) },
            ("timeout", VariantValueType.UInt64) => request with { Within = ToTime(value.GetUInt64()) },
            ("expire", VariantValueType.UInt32) =>
                request with { ExpiresAfter = TimeSpan.FromSeconds(value.GetUInt32()) },
            ("expire", VariantValueType.UInt64) => request with { ExpiresAfter = ToTime(value.GetUInt64()) },
            ("persistent", VariantValueType.Bool) => request with { Persistent = value.GetBool() },
            ("for", VariantValueType.String) => request with { For = value.GetString() },
            _ => throw Invalid(
                $"no option '{name}' of type '{BusValue.TypeOf(value)}': "
                + "expected timeout or expire (u or t, in s), persistent (b) or for (s, a name or UUID)"),
        };

    /// <summary>
    /// Limits the time so that arithmetic does not overflow; <see cref="IControl"/> checks the documented bound.
    /// </summary>
    private static TimeSpan ToTime(ulong seconds) =>
        seconds <= uint.MaxValue ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;

    private static ControlException Invalid(string message) => new(ControlError.InvalidArgument, message);
}

/// <summary>
/// The methods of a domain's object. A size or a weight of 0 restores the configured value.
/// </summary>
/// <param name="domain">The domain.</param>
/// <param name="control">The daemon.</param>
/// <param name="owners">Identifies the clients that hold a domain.</param>
internal sealed class DomainMethods(DomainIdentity domain, IControl control, OwnerWatcher owners)
    : DomainInterface.IMethods
{
    /// <inheritdoc/>
    public Task SetAsync(BusCall call, Dictionary<string, VariantValue> settings, bool runtime) =>
        ChangeAsync(call, runtime, [.. settings.Select(setting => Read(setting.Key, setting.Value))]);

    /// <inheritdoc/>
    public Task SetRangeAsync(BusCall call, KiB minKib, KiB maxKib, bool runtime) =>
        ChangeAsync(
            call,
            runtime,
            (DomainSetting.Minimum, NullIfZero(minKib.Value)),
            (DomainSetting.Maximum, NullIfZero(maxKib.Value)));

    /// <inheritdoc/>
    public Task SetMinimumAsync(BusCall call, KiB minKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Minimum, NullIfZero(minKib.Value)));

    /// <inheritdoc/>
    public Task SetMaximumAsync(BusCall call, KiB maxKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Maximum, NullIfZero(maxKib.Value)));

    /// <inheritdoc/>
    public Task SetWeightAsync(BusCall call, uint weight, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Weight, NullIfZero(weight)));

    /// <inheritdoc/>
    public Task SetManagedAsync(BusCall call, bool managed, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Managed, managed ? 1 : 0));

    /// <inheritdoc/>
    public Task PinAsync(BusCall call, KiB sizeKib, bool runtime) =>
        ChangeAsync(call, runtime, (DomainSetting.Pin, sizeKib.Value));

    /// <inheritdoc/>
    public Task UnpinAsync(BusCall call) => control.OnBehalfOf(call.Requester).UnpinAsync(domain);

    /// <inheritdoc/>
    public Task HoldAsync(BusCall call) =>
        control.OnBehalfOf(call.Requester).HoldAsync(domain, owners.OwnerOf(call.Caller));

    /// <inheritdoc/>
    public Task ReleaseAsync(BusCall call) =>
        control.OnBehalfOf(call.Requester).ReleaseAsync(domain, owners.OwnerOf(call.Caller));

    private Task ChangeAsync(BusCall call, bool runtime, params (DomainSetting Setting, long? Value)[] changes)
    {
        if (changes.Length == 0) throw Invalid($"no setting given: expected one or more of {Names}");
        return control.OnBehalfOf(call.Requester).SetDomainAsync(
            domain, changes.ToDictionary(change => change.Setting, change => change.Value), runtime);
    }

    private static string Names => string.Join(", ", DomainSetting.All.Select(setting => setting.Name));

    private static (DomainSetting Setting, long? Value) Read(string name, VariantValue value)
    {
        DomainSetting setting =
            DomainSetting.Find(name) ?? throw Invalid($"no setting '{name}': expected one of {Names}");
        return (setting, SettingVariant.Read(setting, value));
    }

    private static long? NullIfZero(long number) => number == 0 ? null : number;

    private static ControlException Invalid(string message) => new(ControlError.InvalidArgument, message);
}

/// <summary>The methods of a reservation's object.</summary>
internal sealed class ReservationMethods(long id, IControl control) : ReservationInterface.IMethods
{
    /// <inheritdoc/>
    public Task TransferAsync(BusCall call, uint domid)
    {
        if (domid > int.MaxValue)
        {
            throw new ControlException(
                ControlError.NoSuchDomain,
                string.Create(CultureInfo.InvariantCulture, $"no domain {domid}: see 'xenballoon list'"));
        }

        return control.OnBehalfOf(call.Requester).TransferAsync(id, (int)domid);
    }

    /// <inheritdoc/>
    public Task CancelAsync(BusCall call) => control.OnBehalfOf(call.Requester).CancelAsync(id);
}
