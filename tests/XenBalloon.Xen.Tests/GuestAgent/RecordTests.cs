using CsCheck;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Xen.Domains;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>The agent writes the format that the daemon reads.</summary>
internal sealed class RecordTests
{
    private static readonly KiB Maximum = new(1L << 45);

    /// <summary>The fields that the agent writes and the daemon does not use.</summary>
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
    public void Daemon_reads_every_record_that_the_agent_writes()
    {
        Gen<ulong> value = Gen.Frequency(
            (8, Gen.ULong[0, 1ul << 41]), (1, Gen.Const(AgentLibrary.Unknown)), (1, Gen.ULong));
        Gen<ulong[]> values = value.Array[(int)SampleValue.Count];
        Gen.Select(values, Gen.ULong, Gen.ULong[0, 1ul << 40]).Sample((numbers, sequence, uptime) =>
        {
            Sample sample = default;
            for (int i = 0; i < numbers.Length; i++) sample[i] = numbers[i];
            string record = AgentLibrary.Format(sample, sequence, uptime, 1_800_000_000);
            ReportedMemory? report = AgentReport.Parse(record, Maximum);
            ulong total = sample[SampleValue.Total], available = sample[SampleValue.Available];
            bool isValid = total is > 0 and < 1ul << 41 && available <= total;
            return record.Length <= AgentRecord.MaxLength && AgentRecord.Parse(record) is not null
                && (!isValid || report?.Used == new KiB((long)(total - available)));
        });
    }

    [Test]
    public void Record_of_a_machine_with_4_TiB_after_a_year_is_complete()
    {
        Sample sample = Sample.Of(4ul << 30);
        SampleValue[] counters = [SampleValue.Refaults, SampleValue.MajorFaults, SampleValue.SwapIns];
        SampleValue[] times = [SampleValue.SomeUs, SampleValue.FullUs];
        SampleValue[] ratios = [SampleValue.SomeBp, SampleValue.FullBp, SampleValue.IoBp];
        foreach (SampleValue counter in counters) sample[counter] = 1_000_000_000_000;
        sample[SampleValue.OomKills] = 1_000_000_000;
        foreach (SampleValue time in times) sample[time] = 31_000_000_000_000;
        foreach (SampleValue ratio in ratios) sample[ratio] = 10_000;

        string record = AgentLibrary.Format(sample, 4_000_000_000, 31_000_000_000, 1_800_000_000);

        long? last = AgentRecord.Parse(record)!.Value[AgentField.IoSome];
        Assert.That(last, Is.EqualTo(10_000), $"the last of {record.Length} characters: {record}");
    }

    [Test]
    public void Every_number_is_read_into_its_place()
    {
        Sample sample = default;
        for (int i = 0; i < (int)SampleValue.Count; i++) sample[i] = (ulong)(1_000 + i);
        sample[SampleValue.Total] = 5_000;
        string record = AgentLibrary.Format(sample, 1, 2_000, 3);
        GuestVitals vitals = AgentReport.Parse(record, Maximum)!.Value.Vitals!;
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
            OomKills = 1_014,
            MemorySome = 0.1015,
            MemorySomeTotal = TimeSpan.FromMicroseconds(1_016),
            IoSome = 0.1019,
        }));
        IEnumerable<long?> unread = Unread.Select(field => AgentRecord.Parse(record)!.Value[field]);
        Assert.That(unread, Is.EqualTo(new long?[] { 1_006, 1_010, 1_011, 1_012, 1_017, 1_018 }));
    }

    [Test]
    public void Unknown_name_of_a_newer_agent_is_skipped()
    {
        ReportedMemory? report = AgentReport.Parse("v=1 total_kib=500 zswap_kib=7 available_kib=100", Maximum);
        Assert.That(report?.Used, Is.EqualTo(new KiB(400)));
    }

    [TestCase("", TestName = "Empty_record_is_invalid")]
    [TestCase("v=2 total_kib=500 available_kib=100", TestName = "Record_of_another_version_is_invalid")]
    [TestCase("total_kib=500 available_kib=100", TestName = "Record_without_a_version_is_invalid")]
    [TestCase("v=1", TestName = "Record_without_numbers_is_invalid")]
    [TestCase("v=1 total_kib=500", TestName = "Record_without_available_memory_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=501", TestName = "More_available_than_total_is_invalid")]
    [TestCase("v=1 total_kib=0 available_kib=0", TestName = "Zero_total_is_invalid")]
    [TestCase("v=1 total_kib=-500 available_kib=100", TestName = "Negative_number_is_invalid")]
    [TestCase("v=1 total_kib=500  available_kib=100", TestName = "Two_spaces_are_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=100 ", TestName = "Trailing_space_is_invalid")]
    [TestCase("v=1\ttotal_kib=500 available_kib=100", TestName = "Tab_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=100\n", TestName = "Newline_is_invalid")]
    [TestCase("v=1 total_kib=500 total_kib=600 available_kib=100", TestName = "Duplicate_name_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=1000000000000000", TestName = "Number_of_16_digits_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=100 Frog=1", TestName = "Capital_letter_in_a_name_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=100 =1", TestName = "Empty_name_is_invalid")]
    [TestCase("v=1 total_kib=500 available_kib=", TestName = "Empty_number_is_invalid")]
    [TestCase("v=11 total_kib=500 available_kib=100", TestName = "Version_11_is_invalid")]
    public void Invalid_record_is_not_a_report(string text) =>
        Assert.That(AgentReport.Parse(text, Maximum), Is.Null);

    [Test]
    public void Record_longer_than_the_agents_is_invalid()
    {
        string padding = string.Concat(Enumerable.Repeat(" aaaaaaaa=1", 60));
        Assert.That(AgentReport.Parse("v=1 total_kib=500 available_kib=100" + padding, Maximum), Is.Null);
    }

    [Test]
    public void Numbers_are_cut_to_the_maximum_of_the_domain()
    {
        KiB maximum = new(5_000);
        const string Record = "v=1 total_kib=9000 available_kib=0 anon_kib=8000";
        ReportedMemory report = AgentReport.Parse(Record, maximum)!.Value;
        Assert.That(report.Used, Is.EqualTo(maximum));
        Assert.That(report.Total, Is.EqualTo(maximum));
        Assert.That(report.Vitals!.Anonymous, Is.EqualTo(maximum));
    }
}
