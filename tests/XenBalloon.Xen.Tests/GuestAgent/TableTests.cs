using static XenBalloon.Xen.Tests.GuestAgent.AgentLibrary;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>What the agent reads from the kernel's tables.</summary>
internal sealed class TableTests
{
    private const string Meminfo = """
        MemTotal:         500000 kB
        MemFree:          100000 kB
        MemAvailable:     300000 kB
        Buffers:           10000 kB
        Cached:           120000 kB
        SwapCached:         1000 kB
        AnonPages:         90000 kB
        Shmem:              5000 kB
        SUnreclaim:        20000 kB
        SwapTotal:        200000 kB
        SwapFree:         150000 kB
        Committed_AS:     400000 kB

        """;

    [Test]
    public void File_cache_excludes_shared_memory_and_used_swap_is_total_less_free()
    {
        Sample sample = Read(Table.Meminfo, Meminfo);
        Assert.That(sample[SampleValue.File], Is.EqualTo(125_000));
        Assert.That(sample[SampleValue.Swapped], Is.EqualTo(50_000));
        Assert.That(sample[SampleValue.Slab], Is.EqualTo(20_000));
    }

    [Test]
    public void Free_memory_is_available_where_the_kernel_has_no_MemAvailable()
    {
        string without = Meminfo.Replace("MemAvailable:     300000 kB\n", "", StringComparison.Ordinal);
        Assert.That(Read(Table.Meminfo, without)[SampleValue.Available], Is.EqualTo(100_000));
    }

    [Test]
    public void Truncated_last_line_is_unknown() =>
        Assert.That(Read(Table.Meminfo, Meminfo.TrimEnd()[..^5])[SampleValue.Committed], Is.EqualTo(Unknown));

    [TestCase("MemTotal:  -5 kB\n")]
    [TestCase("MemTotal:  kB\n")]
    [TestCase("MemTotal:  9999999999999999999 kB\n")]
    [TestCase("MemTotalX: 5 kB\n")]
    [TestCase("")]
    public void Invalid_number_is_unknown(string text) =>
        Assert.That(Read(Table.Meminfo, text)[SampleValue.Total], Is.EqualTo(Unknown));

    [TestCase("workingset_refault_anon 3\nworkingset_refault_file 4\n", 7)]
    [TestCase("workingset_refault 5\n", 5, Description = "older kernels")]
    public void Refaults_of_both_kinds_are_added(string text, int refaults) =>
        Assert.That(Read(Table.Vmstat, text)[SampleValue.Refaults], Is.EqualTo(refaults));

    [TestCase("oom_kill 3\n", 3ul)]
    [TestCase("oom_kill_x 3\n", Unknown, Description = "before Linux 4.13")]
    public void Kills_of_programs_for_lack_of_memory_are_read(string text, ulong kills) =>
        Assert.That(Read(Table.Vmstat, text)[SampleValue.OomKills], Is.EqualTo(kills));

    [Test]
    public void Pressure_is_read_in_hundredths_of_a_percent_and_in_microseconds()
    {
        Sample sample = Read(Table.MemoryPressure, """
            some avg10=12.05 avg60=3.00 avg300=0.00 total=12345
            full avg10=100.00 avg60=0.00 avg300=0.00 total=7

            """);
        Assert.That(sample[SampleValue.SomeBp], Is.EqualTo(1_205));
        Assert.That(sample[SampleValue.SomeUs], Is.EqualTo(12_345));
        Assert.That(sample[SampleValue.FullBp], Is.EqualTo(10_000));
        Assert.That(sample[SampleValue.FullUs], Is.EqualTo(7));
    }

    [TestCase("some avg10=100.01 total=1\n")]
    [TestCase("some avg10=1 total=1\n")]
    [TestCase("some avg10=1.2\n")]
    [TestCase("")]
    public void Invalid_pressure_is_unknown(string text) =>
        Assert.That(Read(Table.IoPressure, text)[SampleValue.IoBp], Is.EqualTo(Unknown));

    [Test]
    public void Balloon_is_one_number() =>
        Assert.That(Read(Table.Balloon, "262144\n")[SampleValue.Balloon], Is.EqualTo(262_144));

    private static Sample Read(Table table, string text)
    {
        Sample sample = default;
        AgentLibrary.Read(table, text, ref sample);
        return sample;
    }
}
