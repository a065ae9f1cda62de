namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>Every method, with arguments that the canned host bears.</summary>
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
        Reservation("Transfer", ["u", "7"], "transfer 4 7"),
        Reservation("Cancel", [], "cancel 4"),
    ];

    private static MethodCase Manager(string name, string[] arguments, string? asked, string answer = "") =>
        new(new Member("Manager", "method", name), arguments, asked, answer);

    private static MethodCase Domain(string name, string[] arguments, string asked) =>
        new(new Member("Domain", "method", name), arguments, asked);

    private static MethodCase Reservation(string name, string[] arguments, string asked) =>
        new(new Member("Reservation", "method", name), arguments, asked);
}
