using System.Runtime.CompilerServices;
using XenBalloon.Bus.SdBus.Native;

namespace XenBalloon.Bus.SdBus;

/// <summary>
/// Keeps signals that a program may be sent from this thread while it lasts; the runtime's other threads take them. sd_bus_call gives up (EINTR) where one
/// arrives while it waits for the answer, and the answer is lost though what was asked is done.
/// </summary>
internal unsafe ref struct SignalShield : IDisposable
{
    // SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH; the runtime's own stay.
    private static readonly int[] Signals = [1, 2, 3, 15, 17, 18, 20, 28];

    private SignalSet before;

    /// <summary>Begins.</summary>
    internal static SignalShield Raise()
    {
        SignalShield shield = default;
        SignalSet blocked = default;
        foreach (int signal in Signals) blocked[0] |= 1UL << (signal - 1);
        _ = LibC.pthread_sigmask(LibC.SigBlock, (ulong*)&blocked, (ulong*)&shield.before);
        return shield;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SignalSet mask = before;
        _ = LibC.pthread_sigmask(LibC.SigSetMask, (ulong*)&mask, null);
    }

    [InlineArray(LibC.SigSetWords)]
    private struct SignalSet
    {
        private ulong first;
    }
}
