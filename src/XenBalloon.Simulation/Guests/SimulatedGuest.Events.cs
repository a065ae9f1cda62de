using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Guests;

/// <content>Actions of others than the balancer. Actions that the current state forbids have no effect.</content>
internal sealed partial class SimulatedGuest
{
    // How long a guest needs to stop its services before it reboots.
    private static readonly TimeSpan ShutsDownIn = TimeSpan.FromSeconds(5);

    // The time between the end of a rebooting domain and the start of its new build.
    private static readonly TimeSpan RebuiltAfter = TimeSpan.FromSeconds(1);

    // The time that xl needs to write a suspended domain to disk.
    private static readonly TimeSpan SavedIn = TimeSpan.FromSeconds(2);

    // A gigabit network, less the overhead of the protocol.
    private static readonly KiB SentPerSecond = KiB.FromMiB(100);

    private int nextEvent;
    private TimeSpan? leavingSince;
    private TimeSpan rebootsAt = TimeSpan.MaxValue;
    private ShutdownReason? shutdownReason;

    private bool Runs => !paused && State is GuestState.Booting or GuestState.Running or GuestState.Migrating;

    // Only a running kernel responds to a suspend request.
    private bool Responds => !paused && State == GuestState.Running;

    /// <summary>Handles the scenario's events up to now.</summary>
    /// <returns>Whether one of them wakes a waiting observer.</returns>
    private bool HandleEvents(TimeSpan now)
    {
        bool any = false;
        while (nextEvent < Description.Events.Length && Description.Events[nextEvent].At <= now)
        {
            any |= Handle(now, Description.Events[nextEvent]);
            nextEvent++;
        }

        return any;
    }

    private bool Handle(TimeSpan now, GuestEvent action)
    {
        if (Ends(action.Kind)) panicked = false;
        if (action.Kind == GuestEventKind.Restore) return Restore(now);
        if (State is GuestState.Dying or GuestState.Absent) return false;
        switch (action.Kind)
        {
            case GuestEventKind.Pause or GuestEventKind.Unpause:
                // Neither xenstore nor the hypervisor signals a pause.
                paused = action.Kind == GuestEventKind.Pause;
                return false;
            case GuestEventKind.SetTarget when hasTarget:
                MaxMem = action.Value + Description.Offset + MaxMemConstant;
                WriteTarget(action.Value);

                // The balancer did not cause what follows from an administrator's decision.
                given = KiB.Min(given, Goal);
                return true;
            case GuestEventKind.SetMaxMem when hasTarget && action.Value >= this.target:
                // libxl refuses a maximum below the target. Up to Xen 4.16 it leaves memory/static-max as it is, so
                // only the cap shows what the administrator wants.
                MaxMem = action.Value + MaxMemConstant;
                return true;
            case GuestEventKind.Destroy:
                Enter(GuestState.Dying, now + DyingFor);
                return true;
            default:
                return HandleInGuest(now, action.Kind);
        }
    }

    private bool HandleInGuest(TimeSpan now, GuestEventKind kind)
    {
        switch (kind)
        {
            case GuestEventKind.Suspend when Responds:
                Suspend(TimeSpan.MaxValue);
                return true;
            case GuestEventKind.Save when Responds:
                Suspend(now + SavedIn);
                return true;
            case GuestEventKind.Resume when State == GuestState.Suspended && nextStateAt == TimeSpan.MaxValue:
                Continue();
                return true;
            case GuestEventKind.MigrateAway when Responds:
                TimeSpan transfer = TimeSpan.FromSeconds((double)Actual.Value / SentPerSecond.Value);
                Enter(GuestState.Migrating, now + transfer);
                return true;
            case GuestEventKind.Reboot when Responds:
                (leavingSince, rebootsAt) = (now, now + ShutsDownIn);
                return true;
            case GuestEventKind.Crash when Runs:
                Crash(now);
                return true;
            default:
                return false;
        }
    }

    private void Suspend(TimeSpan until)
    {
        shutdownReason = ShutdownReason.Suspend;
        Enter(GuestState.Suspended, until);
    }

    // After these the guest would not work any more even if its kernel had not panicked before.
    private static bool Ends(GuestEventKind kind) =>
        kind is GuestEventKind.Destroy or GuestEventKind.Crash or GuestEventKind.Save or GuestEventKind.MigrateAway;

    private bool Restore(TimeSpan now)
    {
        if (saved is not null && State is GuestState.Dying or GuestState.Absent) startRequestedAt = now;
        return false;
    }

    // xl rebuilds a domain with its current target, not with its first configuration: a small guest stays small.
    private void Reboot(TimeSpan now)
    {
        (rebootsAt, shutdownReason) = (TimeSpan.MaxValue, ShutdownReason.Reboot);
        bootMemory = KiB.Min(this.target, staticMax).FloorToPage();
        startRequestedAt = now + DyingFor + RebuiltAfter;
        Enter(GuestState.Dying, now + DyingFor);
    }
}
