using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Settings;
using static XenBalloon.Bus.Definitions.PropertyChanges;

namespace XenBalloon.Bus.Objects;

/// <summary>What the root object can be asked: the host and the balancer as a whole. Sizes are in KiB.</summary>
internal static class ManagerInterface
{
    internal static BusInterface<Publication> Define(IManagerControl control) => new(
        Names.ManagerInterface,
        [
            new("GetDomain", [new("name_or_uuid_or_domid", BusValue.String)], new("domain", BusValue.Path), GetDomainAsync),
            new("SetMode", [new("mode", BusValue.String)], null, (_, call) => SetModeAsync(call, control)),
            new("Reload", [], null, (_, call) => AsAdministratorAsync(call, control.ReloadAsync)),
            new("Balance", [], null, (_, call) => AsAdministratorAsync(call, control.BalanceAsync)),
        ],
        [
            new("Version", BusValue.String, Never, p => p.Version),
            new("Host", BusValue.String, Never, p => p.Host),
            new("Mode", BusValue.String, Announced, p => Words.For(p.Mode)),
            new("Policy", BusValue.String, Announced, p => p.Policy),
            new("HostTotal", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Total)),
            new("HostFree", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Free)),
            new("Slack", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.Slack)),
            new("KeepFree", BusValue.UInt64, Announced, p => Sizes.ToBus(p.Plan.Host.KeepFree)),
            new("Pressure", BusValue.String, Announced, p => Words.For(p.Plan.Host.Pressure)),
            new("Alarm", BusValue.String, Announced, p => Words.For(p.Plan.Host.Alarm)),
        ]);

    private static Task<BusValue?> GetDomainAsync(Publication publication, IMethodCall call) =>
        Task.FromResult<BusValue?>(BusValue.ObjectPath(DomainLookup.PathOf(publication, call.Arguments[0].AsText())));

    private static Task<BusValue?> SetModeAsync(IMethodCall call, IManagerControl control)
    {
        string word = call.Arguments[0].AsText();
        BalancerMode mode = Words.ToMode(word)
            ?? throw new MethodErrorException(ErrorNames.InvalidArgument, $"'{word}' is no mode: it is {Words.Modes}");
        return AsAdministratorAsync(call, () => control.SetModeAsync(mode));
    }

    private static async Task<BusValue?> AsAdministratorAsync(IMethodCall call, Func<Task> change)
    {
        await Authorization.RequireAdministratorAsync(call);
        await change();
        return null;
    }
}
