using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Reports;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>What the agent writes and what the daemon reads are one format.</summary>
internal sealed class RecordTests
{
    private static readonly KiB Most = new(1L << 45);

    [Test]
    public void Whatever_the_agent_writes_the_daemon_reads()
    {
        Gen<ulong> value = Gen.Frequency((8, Gen.ULong[0, 1ul << 41]), (1, Gen.Const(AgentParts.Unknown)), (1, Gen.ULong));
        Gen.Select(value.Array[(int)SampleValue.Count], Gen.ULong, Gen.ULong[0, 1ul << 40]).Sample((values, sequence, uptime) =>
        {
            Sample sample = default;
            for (int i = 0; i < values.Length; i++) sample[i] = values[i];
            string record = AgentParts.Format(sample, sequence, uptime, 1_800_000_000);
            ReportedMemory? read = AgentReport.Parse(record, Most);
            ulong total = sample[SampleValue.Total], available = sample[SampleValue.Available];
            bool says = total is > 0 and < 1ul << 41 && available <= total;
            return record.Length <= AgentRecord.Longest && AgentRecord.Read(record) is not null
                && (!says || read?.Used == new KiB((long)(total - available)));
        });
    }

    [Test]
    public void A_machine_of_4_TiB_after_a_year_says_all_of_it()
    {
        Sample sample = Sample.Of(4ul << 30);
        foreach (SampleValue counter in new[] { SampleValue.Refaults, SampleValue.MajorFaults, SampleValue.SwapIns }) sample[counter] = 1_000_000_000_000;
        foreach (SampleValue waited in new[] { SampleValue.SomeUs, SampleValue.FullUs }) sample[waited] = 31_000_000_000_000;
        foreach (SampleValue part in new[] { SampleValue.SomeBp, SampleValue.FullBp, SampleValue.IoBp }) sample[part] = 10_000;

        string record = AgentParts.Format(sample, 4_000_000_000, 31_000_000_000, 1_800_000_000);

        Assert.That(AgentRecord.Read(record)!.Value[AgentField.IoSome], Is.EqualTo(10_000), $"the last of {record.Length} characters: {record}");
    }

    /// <summary>Fields that agents write and the daemon does not use.</summary>
    private static readonly AgentField[] Unread =
    [
        AgentField.Slab,
        AgentField.Balloon,
        AgentField.Refaults,
        AgentField.MajorFaults,
        AgentField.MemoryFull,
        AgentField.MemoryFullTotal,
    ];

    [Test]
    public void Every_number_comes_to_its_place()
    {
        Sample sample = default;
        for (int i = 0; i < (int)SampleValue.Count; i++) sample[i] = (ulong)(1_000 + i);
        sample[SampleValue.Total] = 5_000;
        string record = AgentParts.Format(sample, 1, 2_000, 3);
        GuestVitals vitals = AgentReport.Parse(record, Most)!.Value.Vitals!;
        Assert.That(vitals, Is.EqualTo(new GuestVitals
        {
            Uptime = TimeSpan.FromSeconds(2),
            Free = new KiB(1_002),
            Anonymous = new KiB(1_003),
            FileCache = new KiB(1_004),
            Shared = new KiB(1_005),
            SwapTotal = new KiB(1_007),
            SwapUsed = new KiB(1_008),
            Committed = new KiB(1_009),
            SwapIns = 1_013,
            MemorySome = 0.1014,
            MemorySomeTotal = TimeSpan.FromMicroseconds(1_015),
            IoSome = 0.1018,
        }));
        Assert.That(Unread.Select(field => AgentRecord.Read(record)!.Value[field]), Is.EqualTo(new long?[] { 1_006, 1_010, 1_011, 1_012, 1_016, 1_017 }));
    }

    [Test]
    public void What_a_newer_agent_says_more_is_passed_over() =>
        Assert.That(AgentReport.Parse("v=1 total_kib=500 zswap_kib=7 available_kib=100", Most)?.Used, Is.EqualTo(new KiB(400)));

    [TestCase("", TestName = "nothing")]
    [TestCase("v=2 total_kib=500 available_kib=100", TestName = "another version")]
    [TestCase("total_kib=500 available_kib=100", TestName = "no version")]
    [TestCase("v=1", TestName = "no numbers")]
    [TestCase("v=1 total_kib=500", TestName = "not all numbers")]
    [TestCase("v=1 total_kib=500 available_kib=501", TestName = "more available than there is")]
    [TestCase("v=1 total_kib=0 available_kib=0", TestName = "no memory")]
    [TestCase("v=1 total_kib=-500 available_kib=100", TestName = "less than nothing")]
    [TestCase("v=1 total_kib=500  available_kib=100", TestName = "two spaces")]
    [TestCase("v=1 total_kib=500 available_kib=100 ", TestName = "a space at the end")]
    [TestCase("v=1\ttotal_kib=500 available_kib=100", TestName = "a tab")]
    [TestCase("v=1 total_kib=500 available_kib=100\n", TestName = "a new line")]
    [TestCase("v=1 total_kib=500 total_kib=600 available_kib=100", TestName = "one thing twice")]
    [TestCase("v=1 total_kib=500 available_kib=1000000000000000", TestName = "16 digits")]
    [TestCase("v=1 total_kib=500 available_kib=100 Frog=1", TestName = "a name with a capital letter")]
    [TestCase("v=1 total_kib=500 available_kib=100 =1", TestName = "no name")]
    [TestCase("v=1 total_kib=500 available_kib=", TestName = "no number")]
    [TestCase("v=11 total_kib=500 available_kib=100", TestName = "version 11")]
    public void What_no_agent_writes_is_no_report(string text) => Assert.That(AgentReport.Parse(text, Most), Is.Null);

    [Test]
    public void More_characters_than_an_agent_writes_are_no_report() =>
        Assert.That(AgentReport.Parse("v=1 total_kib=500 available_kib=100" + string.Concat(Enumerable.Repeat(" aaaaaaaa=1", 60)), Most), Is.Null);

    [Test]
    public void Claims_beyond_what_the_domain_can_have_are_cut_off()
    {
        ReportedMemory report = AgentReport.Parse("v=1 total_kib=9000 available_kib=0 anon_kib=8000", new KiB(5_000))!.Value;
        Assert.That((report.Used, report.Total, report.Vitals!.Anonymous), Is.EqualTo((new KiB(5_000), new KiB(5_000), new KiB(5_000))));
    }
}
