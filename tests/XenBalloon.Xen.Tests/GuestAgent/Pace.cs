using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Tests.GuestAgent;

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
