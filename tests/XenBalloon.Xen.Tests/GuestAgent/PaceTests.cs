using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>When the agent writes a report.</summary>
internal sealed class PaceTests
{
    [Test]
    public void First_sample_is_reported_and_once_more_when_settled()
    {
        using Pace pace = new();
        Assert.That(pace.Advance(10_000), Is.EqualTo(new[] { PaceReason.Started, PaceReason.Settled }));
    }

    [Test]
    public void Quiet_guest_reports_only_heartbeats()
    {
        using Pace pace = new Pace().Settle();
        Assert.That(pace.Advance(600_000), Is.EqualTo(Enumerable.Repeat(PaceReason.Heartbeat, 10)));
    }

    [Test]
    public void Used_memory_is_reported_at_the_next_sample_and_once_more_when_settled()
    {
        using Pace pace = new Pace().Settle();
        pace.Now = Pace.Guest(availableKiB: 290_000);
        Assert.That(pace.Advance(50), Is.EqualTo(new[] { PaceReason.Moved }));
        Assert.That(pace.Advance(10_000), Is.EqualTo(new[] { PaceReason.Settled }));
    }

    [Test]
    public void Small_change_waits_for_the_heartbeat()
    {
        using Pace pace = new Pace().Settle();
        pace.Now = Pace.Guest(availableKiB: 298_000);
        Assert.That(pace.Advance(30_000), Is.Empty);
    }

    [Test]
    public void Memory_freed_right_after_a_report_waits_a_second()
    {
        using Pace pace = new Pace().Settle();
        pace.Now = Pace.Guest(availableKiB: 250_000);
        pace.Advance(50);
        pace.Now = Pace.Guest(availableKiB: 290_000);
        pace.Advance(5_000);
        Assert.That(pace.Written[1].Ms - pace.Written[0].Ms, Is.EqualTo(1_000));
    }

    [Test]
    public void Memory_that_the_balloon_takes_waits_a_second_and_growth_after_it_does_not()
    {
        using Pace pace = new Pace().Settle();
        ulong start = pace.Ms;
        pace.Advance(5_000, ms => Pace.Guest(300_000 - ((ms - start) * 20), totalKiB: 500_000 - ((ms - start) * 20)));
        Assert.That(pace.Written, Has.Count.InRange(5, 6));
        ulong growth = pace.Ms;
        pace.Advance(2_000, ms => Pace.Guest(200_000 - ((ms - growth) * 20), totalKiB: 400_000));
        Assert.That(pace.Written.Count(report => report.Ms > growth), Is.InRange(7, 9));
    }

    [Test]
    public void Growth_is_reported_four_times_a_second_and_once_a_second_if_it_continues()
    {
        using Pace pace = new Pace().Settle();
        ulong start = pace.Ms;
        pace.Advance(60_000, ms => Pace.Guest(availableKiB: 300_000 - ((ms - start) * 20 % 300_000)));
        Assert.That(pace.Written.Count(report => report.Ms - start <= 2_000), Is.InRange(7, 9));
        Assert.That(pace.Written.Count(report => report.Ms - start > 30_000), Is.InRange(25, 31));
    }

    [Test]
    public void Memory_stall_is_reported_at_once()
    {
        using Pace pace = new Pace().Settle();
        pace.Now = Pace.Guest(availableKiB: 300_000, someUs: 50_000);
        Assert.That(pace.Advance(50), Is.EqualTo(new[] { PaceReason.Pressed }));
    }

    [Test]
    public void Refused_report_is_written_again()
    {
        using Pace pace = new Pace().Settle();
        pace.Refuse();
        Assert.That(pace.Advance(50), Is.EqualTo(new[] { PaceReason.Started }));
    }

    [Test]
    public void Kernel_without_pressure_numbers_never_stalls()
    {
        using Pace pace = new();
        pace.Now = Pace.Guest(availableKiB: 300_000, someUs: AgentLibrary.Unknown);
        Assert.That(pace.Advance(30_000), Does.Not.Contain(PaceReason.Pressed));
    }

    [Test]
    public void Reports_are_at_least_a_quarter_of_a_second_apart()
    {
        ulong seed = 1;
        using Pace pace = new();
        pace.Advance(60_000, _ =>
        {
            seed = (seed * 6364136223846793005) + 1442695040888963407;
            return Pace.Guest(availableKiB: seed >> 46, someUs: seed >> 40);
        });
        IEnumerable<ulong> gaps = pace.Written.Zip(pace.Written.Skip(1), (report, next) => next.Ms - report.Ms);
        Assert.That(gaps.Min(), Is.GreaterThanOrEqualTo(250));
    }
}

/// <summary>struct pace of pace.h, with a guest that is sampled every 50 ms of a simulated clock.</summary>
internal sealed unsafe class Pace : IDisposable
{
    /// <summary>More than the size of struct pace.</summary>
    private const int StateSize = 4096;

    private const ulong SampleMs = 50;

    private readonly void* state = NativeMemory.AllocZeroed(StateSize);

    public Pace(ulong heartbeatMs = 60_000) => AgentLibrary.PaceStart(state, heartbeatMs);

    /// <summary>The guest's memory, for the test to change.</summary>
    public Sample Now { get; set; } = Guest(availableKiB: 300_000);

    public ulong Ms { get; private set; } = 1_000;

    /// <summary>Each report so far, with its time.</summary>
    public List<(ulong Ms, PaceReason Reason)> Written { get; } = [];

    /// <summary>A guest of 500 MB by default.</summary>
    public static Sample Guest(ulong availableKiB, ulong someUs = 0, ulong totalKiB = 500_000)
    {
        Sample sample = Sample.Of(0);
        sample[SampleValue.Total] = totalKiB;
        sample[SampleValue.Available] = availableKiB;
        sample[SampleValue.SomeUs] = someUs;
        return sample;
    }

    /// <summary>Advances the clock, and returns the reasons of the reports in that time.</summary>
    public List<PaceReason> Advance(ulong ms, Func<ulong, Sample>? guest = null)
    {
        int before = Written.Count;
        for (ulong end = Ms + ms; Ms < end;)
        {
            Ms += SampleMs;
            Decide(guest?.Invoke(Ms) ?? Now);
        }

        return [.. Written.Skip(before).Select(report => report.Reason)];
    }

    /// <summary>Refuses the last report.</summary>
    public void Refuse() => AgentLibrary.PaceRefused(state);

    /// <summary>Advances the clock until no report is due, and forgets the reports so far.</summary>
    public Pace Settle()
    {
        Advance(20_000);
        Written.Clear();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(state);

    private void Decide(Sample sample)
    {
        Now = sample;
        PaceReason reason = AgentLibrary.PaceDecide(state, &sample, Ms);
        if (reason == PaceReason.NotNow) return;
        AgentLibrary.PaceWrote(state, &sample, reason, Ms);
        Written.Add((Ms, reason));
    }
}
