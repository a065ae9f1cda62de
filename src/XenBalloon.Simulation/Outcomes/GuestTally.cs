using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Guests;

namespace XenBalloon.Simulation.Outcomes;

/// <summary>Counts how a guest fares.</summary>
internal sealed class GuestTally
{
    // Swapped pages come one by one from an SSD; of files, read-ahead brings most before they are missed.
    private static readonly TimeSpan WaitPerSwapFault = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan WaitPerFileFault = TimeSpan.FromMicroseconds(10);

    private long _workedTicks;
    private TimeSpan _stalled;
    private long _swappedKiBTicks;
    private long _swapFaults;
    private long _fileFaults;
    private int _oomKills;
    private int _panics;
    private KiB _least = new(long.MaxValue);
    private KiB _most;
    private KiB _moved;
    private int _targetsWritten;
    private int _reversals;
    private bool _wentUp;

    /// <summary>The guest has worked for a tick.</summary>
    public void OnWorked(MemoryTick cost, KiB swapped)
    {
        _workedTicks++;
        _swapFaults += cost.SwapFaults;
        _fileFaults += cost.FileFaults;
        _swappedKiBTicks += swapped.Value;
        if (cost.SwapFaults + cost.FileFaults == 0) return;
        TimeSpan wait = (WaitPerSwapFault * cost.SwapFaults) + (WaitPerFileFault * cost.FileFaults);
        _stalled += wait < Machine.TickLength ? wait : Machine.TickLength;
    }

    /// <summary>The guest now holds this much, after this much was moved.</summary>
    public void OnActual(KiB actual, KiB moved)
    {
        _least = KiB.Min(_least, actual);
        _most = KiB.Max(_most, actual);
        _moved += KiB.Max(moved, -moved);
    }

    /// <summary>A command has written a target.</summary>
    public void OnTargetWritten(KiB before, KiB after)
    {
        _targetsWritten++;
        if (after == before) return;
        bool up = after > before;
        if (_targetsWritten > 1 && up != _wentUp) _reversals++;
        _wentUp = up;
    }

    /// <summary>The OOM killer has struck.</summary>
    public void OnOomKill() => _oomKills++;

    /// <summary>The kernel has panicked.</summary>
    public void OnPanic() => _panics++;

    /// <summary>The sums so far.</summary>
    public GuestOutcome Sum(string name, bool present, KiB resident, KiB swapped) => new()
    {
        Name = name,
        Present = present,
        Worked = Machine.TickLength * _workedTicks,
        Stalled = _stalled,
        Swapped = swapped,
        Resident = resident,
        SwappedKiBSeconds = _swappedKiBTicks / (double)Machine.TicksPerSecond,
        SwapFaults = _swapFaults,
        FileFaults = _fileFaults,
        OomKills = _oomKills,
        Panics = _panics,
        LeastActual = KiB.Min(_least, _most),
        MostActual = _most,
        Moved = _moved,
        TargetsWritten = _targetsWritten,
        Reversals = _reversals,
    };
}
