namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>Every property, and what it is on the canned host, as busctl shows it.</summary>
internal static class PropertyTable
{
    internal static IReadOnlyList<(Member Member, string Value)> All { get; } =
    [
        .. Of("Manager", [
            ("Version", "s \"0.1.0\""),
            ("Host", "s \"Xen 4.17\""),
            ("Mode", "s \"active\""),
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
            ("Actual", "t 819200"),
            ("Target", "t 768000"),
            ("MaxMem", "t 820224"),
            ("DynamicMin", "t 131072"),
            ("DynamicMax", "t 1048576"),
            ("StaticMax", "t 1048576"),
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
            ("Reason", "s \"shrinking 800 MiB to 750 MiB: another domain needs memory; in use 310 MiB, "
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
            ("Eta", "t 1800000020"),
            ("BlockedBy", "as 1 \"db gave 0 KiB of 400 MiB and does not answer\""),
            ("Domain", "s \"\""),
            ("Reason", "s \"100 MiB of 512 MiB held; db gave 0 KiB of 400 MiB and does not answer\""),
        ]),
    ];

    private static IEnumerable<(Member Member, string Value)> Of(
        string name, (string Property, string Value)[] properties) =>
        properties.Select(one => (new Member(name, "property", one.Property), one.Value));
}
