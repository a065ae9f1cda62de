using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>When a guest's report is worth a write.</summary>
internal sealed class PaceTests
{
    [Test]
    public void The_first_look_is_reported_and_once_more_that_nothing_moves()
    {
        using Pace pace = new();
        Assert.That(pace.Passes(10_000), Is.EqualTo(new[] { PaceReason.Started, PaceReason.Settled }));
    }

    [Test]
    public void A_quiet_guest_only_shows_that_it_lives()
    {
        using Pace pace = new Pace().AtRest();
        Assert.That(pace.Passes(600_000), Is.EqualTo(Enumerable.Repeat(PaceReason.Heartbeat, 10)));
    }

    [Test]
    public void Memory_that_goes_is_told_at_the_next_look_and_once_more_when_it_has_come_to_rest()
    {
        using Pace pace = new Pace().AtRest();
        pace.Now = Pace.Guest(availableKiB: 290_000);
        Assert.That(pace.Passes(50), Is.EqualTo(new[] { PaceReason.Moved }));
        Assert.That(pace.Passes(10_000), Is.EqualTo(new[] { PaceReason.Settled }));
    }

    [Test]
    public void A_change_that_is_not_worth_a_step_waits_for_the_heartbeat()
    {
        using Pace pace = new Pace().AtRest();
        pace.Now = Pace.Guest(availableKiB: 298_000);
        Assert.That(pace.Passes(30_000), Is.Empty);
    }

    [Test]
    public void Memory_that_was_freed_right_after_a_report_can_wait_a_second()
    {
        using Pace pace = new Pace().AtRest();
        pace.Now = Pace.Guest(availableKiB: 250_000);
        pace.Passes(50);
        pace.Now = Pace.Guest(availableKiB: 290_000);
        pace.Passes(5_000);
        Assert.That(pace.Written[1].Ms - pace.Written[0].Ms, Is.EqualTo(1_000));
    }

    [Test]
    public void What_the_balloon_takes_can_wait_a_second_and_a_need_right_after_it_cannot()
    {
        using Pace pace = new Pace().AtRest();
        ulong start = pace.Ms;
        pace.Passes(5_000, ms => Pace.Guest(300_000 - ((ms - start) * 20), totalKiB: 500_000 - ((ms - start) * 20)));
        Assert.That(pace.Written, Has.Count.InRange(5, 6));
        ulong need = pace.Ms;
        pace.Passes(2_000, ms => Pace.Guest(200_000 - ((ms - need) * 20), totalKiB: 400_000));
        Assert.That(pace.Written.Count(report => report.Ms > need), Is.InRange(7, 9));
    }

    [Test]
    public void Growth_is_reported_four_times_a_second_and_each_second_if_it_never_ends()
    {
        using Pace pace = new Pace().AtRest();
        ulong start = pace.Ms;
        pace.Passes(60_000, ms => Pace.Guest(availableKiB: 300_000 - ((ms - start) * 20 % 300_000)));
        Assert.That(pace.Written.Count(report => report.Ms - start <= 2_000), Is.InRange(7, 9));
        Assert.That(pace.Written.Count(report => report.Ms - start > 30_000), Is.InRange(25, 31));
    }

    [Test]
    public void Waiting_for_memory_is_reported_at_once()
    {
        using Pace pace = new Pace().AtRest();
        pace.Now = Pace.Guest(availableKiB: 300_000, someUs: 50_000);
        Assert.That(pace.Passes(50), Is.EqualTo(new[] { PaceReason.Pressed }));
    }

    [Test]
    public void What_was_refused_has_not_been_said_and_is_said_again()
    {
        using Pace pace = new Pace().AtRest();
        pace.Refused();
        Assert.That(pace.Passes(50), Is.EqualTo(new[] { PaceReason.Started }));
    }

    [Test]
    public void A_kernel_that_says_nothing_of_waiting_is_no_guest_that_waits()
    {
        using Pace pace = new();
        pace.Now = Pace.Guest(availableKiB: 300_000, someUs: AgentParts.Unknown);
        Assert.That(pace.Passes(30_000), Does.Not.Contain(PaceReason.Pressed));
    }

    [Test]
    public void Reports_are_never_closer_together_than_a_quarter_of_a_second_whatever_happens_unless_asked_for()
    {
        ulong seed = 1;
        using Pace pace = new();
        pace.Passes(60_000, _ =>
        {
            seed = (seed * 6364136223846793005) + 1442695040888963407;
            return Pace.Guest(availableKiB: seed >> 46, someUs: seed >> 40);
        });
        Assert.That(pace.Written.Zip(pace.Written.Skip(1), (one, next) => next.Ms - one.Ms).Min(), Is.GreaterThanOrEqualTo(250));
    }
}

/// <summary>One agent's pace, looked at in steps of 50 ms by a clock of the test's.</summary>
internal sealed unsafe class Pace : IDisposable
{
    /// <summary>More than struct pace takes.</summary>
    private const int Room = 4096;

    private const ulong LookMs = 50;

    private static readonly delegate* unmanaged<void*, ulong, void> Start = (delegate* unmanaged<void*, ulong, void>)AgentParts.Export("pace_start");
    private static readonly delegate* unmanaged<void*, Sample*, ulong, PaceReason> Decide = (delegate* unmanaged<void*, Sample*, ulong, PaceReason>)AgentParts.Export("pace_decide");
    private static readonly delegate* unmanaged<void*, Sample*, PaceReason, ulong, void> Wrote = (delegate* unmanaged<void*, Sample*, PaceReason, ulong, void>)AgentParts.Export("pace_wrote");

    private static readonly delegate* unmanaged<void*, void> Refuse = (delegate* unmanaged<void*, void>)AgentParts.Export("pace_refused");

    private readonly void* state = NativeMemory.AllocZeroed(Room);

    public Pace(ulong heartbeatMs = 60_000) => Start(state, heartbeatMs);

    /// <summary>The guest's memory, for the test to change.</summary>
    public Sample Now { get; set; } = Guest(availableKiB: 300_000);

    public ulong Ms { get; private set; } = 1_000;

    /// <summary>Each report so far, with its time.</summary>
    public List<(ulong Ms, PaceReason Why)> Written { get; } = [];

    /// <summary>A guest of 500 MB, where nothing else is said.</summary>
    public static Sample Guest(ulong availableKiB, ulong someUs = 0, ulong totalKiB = 500_000)
    {
        Sample sample = Sample.Of(0);
        sample[SampleValue.Total] = totalKiB;
        sample[SampleValue.Available] = availableKiB;
        sample[SampleValue.SomeUs] = someUs;
        return sample;
    }

    /// <summary>Lets time pass, looking all the while, and gives the reports of it.</summary>
    public List<PaceReason> Passes(ulong ms, Func<ulong, Sample>? guest = null)
    {
        int before = Written.Count;
        for (ulong end = Ms + ms; Ms < end;)
        {
            Ms += LookMs;
            Look(guest?.Invoke(Ms) ?? Now);
        }

        return [.. Written.Skip(before).Select(report => report.Why)];
    }

    /// <summary>The last report was refused.</summary>
    public void Refused() => Refuse(state);

    /// <summary>Lives until all is said, and forgets it.</summary>
    public Pace AtRest()
    {
        Passes(20_000);
        Written.Clear();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.Free(state);

    private void Look(Sample sample)
    {
        Now = sample;
        PaceReason why = Decide(state, &sample, Ms);
        if (why == PaceReason.NotNow) return;
        Wrote(state, &sample, why, Ms);
        Written.Add((Ms, why));
    }
}

/// <summary>enum why of pace.h.</summary>
internal enum PaceReason
{
    NotNow,
    Started,
    Asked,
    Pressed,
    Moved,
    Settled,
    Heartbeat,
}
