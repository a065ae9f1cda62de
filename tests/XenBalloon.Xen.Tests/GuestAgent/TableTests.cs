using static XenBalloon.Xen.Tests.GuestAgent.AgentParts;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>What the agent understands of the kernel's tables.</summary>
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
    public void Shared_memory_is_no_cache_and_what_is_not_free_of_swap_is_used()
    {
        Sample sample = Read(Table.Meminfo, Meminfo);
        Assert.That(sample[SampleValue.File], Is.EqualTo(125_000));
        Assert.That(sample[SampleValue.Swapped], Is.EqualTo(50_000));
        Assert.That(sample[SampleValue.Slab], Is.EqualTo(20_000));
    }

    [Test]
    public void A_kernel_that_does_not_say_what_is_available_has_what_is_free()
    {
        Sample sample = Read(Table.Meminfo, Meminfo.Replace("MemAvailable:     300000 kB\n", "", StringComparison.Ordinal));
        Assert.That(sample[SampleValue.Available], Is.EqualTo(100_000));
    }

    [Test]
    public void A_last_line_that_was_cut_off_says_nothing() =>
        Assert.That(Read(Table.Meminfo, Meminfo.TrimEnd()[..^5])[SampleValue.Committed], Is.EqualTo(Unknown));

    [TestCase("MemTotal:  -5 kB\n")]
    [TestCase("MemTotal:  kB\n")]
    [TestCase("MemTotal:  9999999999999999999 kB\n")]
    [TestCase("MemTotalX: 5 kB\n")]
    [TestCase("")]
    public void A_number_that_is_none_is_unknown(string text) => Assert.That(Read(Table.Meminfo, text)[SampleValue.Total], Is.EqualTo(Unknown));

    [Test]
    public void Refaults_of_both_kinds_are_added_and_older_kernels_know_one_kind()
    {
        Assert.That(Read(Table.Vmstat, "workingset_refault_anon 3\nworkingset_refault_file 4\n")[SampleValue.Refaults], Is.EqualTo(7));
        Assert.That(Read(Table.Vmstat, "workingset_refault 5\n")[SampleValue.Refaults], Is.EqualTo(5));
    }

    [Test]
    public void Pressure_is_read_in_hundredths_of_a_percent_and_in_microseconds()
    {
        Sample sample = Read(Table.MemoryPressure, "some avg10=12.05 avg60=3.00 avg300=0.00 total=12345\nfull avg10=100.00 avg60=0.00 avg300=0.00 total=7\n");
        Assert.That(sample[SampleValue.SomeBp], Is.EqualTo(1_205));
        Assert.That(sample[SampleValue.SomeUs], Is.EqualTo(12_345));
        Assert.That(sample[SampleValue.FullBp], Is.EqualTo(10_000));
        Assert.That(sample[SampleValue.FullUs], Is.EqualTo(7));
    }

    [TestCase("some avg10=100.01 total=1\n")]
    [TestCase("some avg10=1 total=1\n")]
    [TestCase("some avg10=1.2\n")]
    [TestCase("")]
    public void Pressure_that_cannot_be_is_unknown(string text) => Assert.That(Read(Table.IoPressure, text)[SampleValue.IoBp], Is.EqualTo(Unknown));

    [Test]
    public void The_balloon_is_one_number() => Assert.That(Read(Table.Balloon, "262144\n")[SampleValue.Balloon], Is.EqualTo(262_144));

    private static Sample Read(Table table, string text)
    {
        Sample sample = default;
        AgentParts.Read(table, text, ref sample);
        return sample;
    }
}
