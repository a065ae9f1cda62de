using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Settings;
using static XenBalloon.Bus.Definitions.PropertyChanges;

namespace XenBalloon.Bus.Objects;

/// <summary>What the root object can be asked: the host and the balancer as a whole. Sizes are in KiB.</summary>
internal static class ManagerInterface
{
    internal const string DomainStuck = "DomainStuck", ReservationReady = "ReservationReady", ReservationFailed = "ReservationFailed";

    internal static BusInterface<Publication> Define(IControl control) => new(
        Names.ManagerInterface,
        [
            new("GetDomain", [new("name_or_uuid_or_domid", BusValue.String)], new("domain", BusValue.Path), GetDomainAsync),
            new(
                "Reserve",
                [new("min_kib", BusValue.UInt64), new("max_kib", BusValue.UInt64), new("options", BusValue.Options)],
                new("reservation", BusValue.Path),
                (_, call) => ReserveAsync(call, control)),
            new("SetMode", [new("mode", BusValue.String)], null, (_, call) => SetModeAsync(call, control)),
            new("SetPolicy", [new("policy", BusValue.String)], null, (_, call) => SetPolicyAsync(call, control)),
            new("Reload", [], null, (_, call) => Authorization.IfAllowedAsync(call, Names.SetHostAction, control.ReloadAsync)),
            new("Balance", [], null, (_, call) => Authorization.IfAllowedAsync(call, Names.SetHostAction, control.BalanceAsync)),
        ],
        [
            new("Version", BusValue.String, Never, p => p.Version),
            new("Host", BusValue.String, Never, p => p.Host),
            new("Mode", BusValue.String, Announced, p => Words.For(p.Mode)),
            new("Policy", BusValue.String, Announced, p => PolicyNames.Of(p.Settings.Policy)),
            new("HostTotal", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Total)),
            new("HostFree", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Free)),
            new("Slack", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Slack)),
            new("KeepFree", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.KeepFree)),
            new("Reserved", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Reserved)),
            new("Pressure", BusValue.String, Announced, p => Words.For(p.Plan.Host.Pressure)),
            new("Alarm", BusValue.String, Announced, p => Words.For(p.Plan.Host.Alarm)),
        ])
    {
        Signals =
        [
            new(DomainStuck, [new("domain", BusValue.Path), new("name", BusValue.String)]),
            new(ReservationReady, [new("reservation", BusValue.Path)]),
            new(ReservationFailed, [new("reservation", BusValue.Path), new("state", BusValue.String), new("reason", BusValue.String)]),
        ],
    };

    private static Task<BusValue?> GetDomainAsync(Publication publication, IMethodCall call) =>
        Task.FromResult<BusValue?>(BusValue.ObjectPath(DomainLookup.PathOf(publication, call.Arguments[0].AsText())));

    private static Task<BusValue?> SetModeAsync(IMethodCall call, IControl control)
    {
        string word = call.Arguments[0].AsText();
        BalancerMode mode = Words.ToMode(word)
            ?? throw new MethodErrorException(ErrorNames.InvalidArgument, $"'{word}' is no mode: it is {Words.Modes}");
        return Authorization.IfAllowedAsync(call, Names.SetHostAction, () => control.SetModeAsync(mode));
    }

    private static Task<BusValue?> SetPolicyAsync(IMethodCall call, IControl control)
    {
        string word = call.Arguments[0].AsText();
        foreach ((string name, PolicyKind policy) in PolicyNames.All)
        {
            if (name == word) return Authorization.IfAllowedAsync(call, Names.SetHostAction, () => control.SetPolicyAsync(policy));
        }

        throw new MethodErrorException(ErrorNames.InvalidArgument, $"'{word}' is no policy: it is {string.Join(", ", PolicyNames.All.Select(known => known.Name))}");
    }

    private static async Task<BusValue?> ReserveAsync(IMethodCall call, IControl control)
    {
        ReservationOrder order = ReserveOptions.Read(call);
        await Authorization.RequireAsync(call, Names.ReserveAction);
        return BusValue.ObjectPath(Names.ReservationPath(await control.ReserveAsync(order)));
    }
}
