using XenBalloon.Core;
using XenBalloon.Core.Domains;
using XenBalloon.Core.Memory;
using XenBalloon.Core.Reservations;
using XenBalloon.Testing;

namespace XenBalloon.Bus.Tests;

/// <summary>A member of an interface.</summary>
/// <param name="Interface">The last element of the interface's name.</param>
/// <param name="Kind">Its element in introspection data: <c>method</c>, <c>property</c> or <c>signal</c>.</param>
/// <param name="Name">Its name.</param>
internal sealed record Member(string Interface, string Kind, string Name)
{
    public override string ToString() => $"{Interface}.{Name}";
}

/// <summary>A method call.</summary>
/// <param name="Member">The method.</param>
/// <param name="Arguments">The arguments of busctl, starting with the signature.</param>
/// <param name="Request">The request to the daemon; null for a method that any user may call.</param>
/// <param name="Output">The output of busctl.</param>
internal sealed record MethodCase(Member Member, string[] Arguments, string? Request, string Output = "")
{
    public override string ToString() => $"{Member} {string.Join(' ', Arguments)}";
}

/// <summary>Every method, with arguments that are valid for the canned host.</summary>
internal static class MethodTable
{
    internal static IReadOnlyList<MethodCase> All { get; } =
    [
        Manager("GetDomain", ["s", "db"], null, "o \"/org/xenballoon/Balloon1/domain/7\""),
        Manager(
            "Reserve",
            ["tta{sv}", "1024", "2048", "0"],
            "reserve 1024 2048 within  persistent False for ''",
            "o \"/org/xenballoon/Balloon1/reservation/1\""),
        Manager(
            "Reserve",
            ["tta{sv}", "1024", "2048", "3", "timeout", "u", "60", "persistent", "b", "true", "for", "s", "big"],
            "reserve 1024 2048 within 60 persistent True for 'big'",
            "o \"/org/xenballoon/Balloon1/reservation/1\""),
        Manager(
            "Reserve",
            ["tta{sv}", "4", "4", "1", "timeout", "t", "0"],
            "reserve 4 4 within 0 persistent False for ''",
            "o \"/org/xenballoon/Balloon1/reservation/1\""),
        Manager(
            "Reserve",
            ["tta{sv}", "1024", "18446744073709551615", "0"],
            "reserve 1024 4611686018427387904 within  persistent False for ''",
            "o \"/org/xenballoon/Balloon1/reservation/1\""),
        Manager("SetMode", ["s", "observe"], "mode Observe"),
        Manager("SetPolicy", ["s", "shares"], "policy Shares"),
        Manager("Reload", [], "reload"),
        Manager("Balance", [], "balance"),
        Manager("Restore", ["u", "60"], "restore within 60", "as 0"),
        Manager(
            "Reserve",
            ["tta{sv}", "4", "4", "1", "expire", "u", "3600"],
            "reserve 4 4 within  persistent False for '' expires 3600",
            "o \"/org/xenballoon/Balloon1/reservation/1\""),
        Domain(
            "Set",
            [
                "a{sv}b", "4",
                "min", "t", "262144",
                "weight", "u", "200",
                "managed", "b", "true",
                "pin", "s", "default",
                "false",
            ],
            "domain 3 min=262144 weight=200 pin= managed=1"),
        Domain("Set", ["a{sv}b", "1", "swap", "b", "false", "true"], "domain 3 swap=0 transient"),
        Domain("Set", ["a{sv}b", "1", "qubes-reports", "s", "default", "true"], "domain 3 qubes-reports= transient"),
        Domain("SetRange", ["ttb", "262144", "524288", "false"], "domain 3 min=262144 max=524288"),
        Domain("SetRange", ["ttb", "0", "0", "true"], "domain 3 min= max= transient"),
        Domain(
            "SetRange",
            ["ttb", "4", "18446744073709551615", "true"],
            "domain 3 min=4 max=4611686018427387904 transient"),
        Domain("SetMinimum", ["tb", "262144", "false"], "domain 3 min=262144"),
        Domain("SetMinimum", ["tb", "0", "true"], "domain 3 min= transient"),
        Domain("SetMaximum", ["tb", "524288", "true"], "domain 3 max=524288 transient"),
        Domain("SetMaximum", ["tb", "0", "false"], "domain 3 max="),
        Domain("SetWeight", ["ub", "200", "false"], "domain 3 weight=200"),
        Domain("SetWeight", ["ub", "0", "true"], "domain 3 weight= transient"),
        Domain("SetManaged", ["bb", "false", "false"], "domain 3 managed=0"),
        Domain("Pin", ["tb", "524288", "true"], "domain 3 pin=524288 transient"),
        Domain("Unpin", [], "unpin 3"),
        Domain("Hold", [], "hold 3"),
        Domain("Release", [], "release 3"),
        Reservation("Transfer", ["u", "7"], "transfer 4 7"),
        Reservation("Cancel", [], "cancel 4"),
    ];

    private static MethodCase Manager(string name, string[] arguments, string? request, string output = "") =>
        new(new Member("Manager", "method", name), arguments, request, output);

    private static MethodCase Domain(string name, string[] arguments, string request) =>
        new(new Member("Domain", "method", name), arguments, request);

    private static MethodCase Reservation(string name, string[] arguments, string request) =>
        new(new Member("Reservation", "method", name), arguments, request);
}

/// <summary>Every property, with its value for the canned host as busctl prints it.</summary>
internal static class PropertyTable
{
    internal static IReadOnlyList<(Member Member, string Value)> All { get; } =
    [
        .. Of("Manager", [
            ("Version", "s \"0.1.0\""),
            ("Host", "s \"Xen 4.17\""),
            ("Mode", "s \"active\""),
            ("ModeReason", "s \"\""),
            ("Policy", "s \"fair-share\""),
            ("HostTotal", "t 4194304"),
            ("HostFree", "t 716800"),
            ("Slack", "t 65536"),
            ("KeepFree", "t 204800"),
            ("Reserved", "t 102400"),
            ("Pressure", "s \"demand\""),
            ("Alarm", "s \"none\""),
        ]),
        .. Of("Domain", [
            ("Domid", "u 3"),
            ("Uuid", "s \"00000003-1234-5678-0102-030405060708\""),
            ("Name", "s \"web\""),
            ("State", "s \"running\""),
            ("Managed", "b true"),
            ("Health", "s \"cooperative\""),
            ("Alarms", "as 0"),
            ("Actual", "t 819200"),
            ("Target", "t 768000"),
            ("MaxMem", "t 820224"),
            ("DynamicMin", "t 131072"),
            ("DynamicMax", "t 1048576"),
            ("StaticMax", "t 1048576"),
            ("BootMemory", "t 524288"),
            ("Pinned", "t 0"),
            ("SettingsFrom", "s \"\""),
            ("Weight", "u 100"),
            ("InUse", "t 317440"),
            ("RecentPeak", "t 798720"),
            ("Floor", "t 333824"),
            ("Need", "t 333824"),
            ("Want", "t 380928"),
            ("Entitlement", "t 665600"),
            ("GuaranteedShare", "t 614400"),
            ("ReportSource", "s \"xenserver\""),
            ("ReportVerdict", "s \"fresh\""),
            ("ReportAge", "t 5"),
            ("ReasonKind", "s \"shrinking\""),
            (
                "Reason",
                "s \"shrinking 800 MiB to 750 MiB: another domain needs memory; in use 310 MiB, "
                + "needs 326 MiB, wants 372 MiB, recent peak 780 MiB; share 650 MiB\""),
        ]),
        .. Of("Reservation", [
            ("Owner", "s \":1.999\""),
            ("For", "s \"big\""),
            ("Persistent", "b false"),
            ("Minimum", "t 524288"),
            ("Maximum", "t 1048576"),
            ("Held", "t 102400"),
            ("State", "s \"gathering\""),
            ("Deadline", "t 1800000060"),
            ("ReadyAt", "t 0"),
            ("ExpiresAt", "t 0"),
            ("Eta", "t 1800000020"),
            ("BlockedBy", "as 1 \"db gave 0 KiB of 400 MiB and has a balloon that does not respond\""),
            ("Domain", "s \"\""),
            (
                "Reason",
                "s \"100 MiB of 512 MiB held; db gave 0 KiB of 400 MiB and has a balloon that does not respond\""),
        ]),
    ];

    private static IEnumerable<(Member Member, string Value)> Of(
        string name, (string Property, string Value)[] properties) =>
        properties.Select(property => (new Member(name, "property", property.Property), property.Value));
}

/// <summary>Every signal, with a publication that causes it and its arguments.</summary>
internal static class SignalTable
{
    private const string Root = "/org/xenballoon/Balloon1";

    internal static IReadOnlyList<(Member Member, Publication Next, string[] Arguments)> All { get; } =
    [
        (
            Signal("DomainStuck"),
            Canned.Publish(Canned.Dom0, Canned.Web, Canned.Db with { Health = BalloonHealth.Stuck }),
            [Root + "/domain/7", "db"]),
        (
            Signal("ReservationReady"),
            Canned.Host with { Reservations = [Ready(Canned.Reservation(4))] },
            [Root + "/reservation/4"]),
        .. new[]
        {
            (State: ReservationState.Cancelled, Text: "cancelled", Reason: "100 MiB of 512 MiB held"),
            (State: ReservationState.Expired, Text: "expired", Reason: "512 MiB did not become free in time"),
            (State: ReservationState.OwnerLeft, Text: "owner-left", Reason: "100 MiB of 512 MiB held"),
            (State: ReservationState.DomainDied, Text: "domain-died", Reason: "100 MiB of 512 MiB held"),
            (State: ReservationState.Abandoned, Text: "abandoned", Reason: "100 MiB of 512 MiB held"),
        }.Select(result => (
            Signal("ReservationFailed"),
            Canned.Host.With([Canned.Reservation(4) with { State = result.State }]),
            new[]
            {
                Root + "/reservation/4",
                result.Text,
                $"{result.Reason}; db gave 0 KiB of 400 MiB and has a balloon that does not respond",
            })),
    ];

    private static Member Signal(string name) => new("Manager", "signal", name);

    private static Reservation Ready(Reservation gathering) =>
        gathering with { State = ReservationState.Ready, Held = KiB.FromMiB(512), ReadyAt = Canned.At, Donations = [] };
}
