using XenBalloon.Core.Memory;

namespace XenBalloon.Simulation.Guests;

/// <content>What others do to it. What cannot be done to it in the stage that it is in fails, and nothing happens.</content>
internal sealed partial class SimulatedGuest
{
    // From the moment when a domain that reboots is gone until xl begins to build it anew.
    private static readonly TimeSpan RebuiltAfter = TimeSpan.FromSeconds(1);

    // How long a domain stands still before it is on disk and can be destroyed.
    private static readonly TimeSpan SavedIn = TimeSpan.FromSeconds(2);

    // A gigabit network, less what the protocol costs.
    private static readonly KiB SentPerSecond = KiB.FromMiB(100);

    private int nextEvent;

    private bool Runs => !paused && Stage is LifeStage.Booting or LifeStage.Up or LifeStage.Migrating;

    // Only a kernel that is up answers when it is asked to suspend.
    private bool Answers => !paused && Stage == LifeStage.Up;

    /// <summary>Lets come what the scenario has in store up to now.</summary>
    /// <returns>Whether whoever watches would be told of it.</returns>
    private bool Happen(TimeSpan now)
    {
        bool any = false;
        while (nextEvent < Description.Events.Length && Description.Events[nextEvent].At <= now)
        {
            any |= Happen(now, Description.Events[nextEvent]);
            nextEvent++;
        }

        return any;
    }

    private bool Happen(TimeSpan now, GuestEvent happening)
    {
        if (Ends(happening.Kind)) panicked = false;
        if (happening.Kind == GuestEventKind.Restore) return Restore(now);
        if (Stage is LifeStage.Dying or LifeStage.Gone) return false;
        switch (happening.Kind)
        {
            case GuestEventKind.Pause or GuestEventKind.Unpause:
                // Neither xenstore nor the hypervisor tells anybody of these.
                paused = happening.Kind == GuestEventKind.Pause;
                return false;
            case GuestEventKind.SetTarget when hasTarget:
                MaxMem = happening.Value + Description.Offset + MaxMemConstant;
                WriteTarget(happening.Value);

                // Where someone else has decided, whatever comes of it is not the balancer's doing.
                given = KiB.Min(given, Goal);
                return true;
            case GuestEventKind.SetMaxMem when hasTarget && happening.Value >= this.target:
                // libxl refuses a maximum below the target.
                MaxMem = happening.Value + Description.Offset + MaxMemConstant;
                staticMax = happening.Value;
                return true;
            case GuestEventKind.Destroy:
                Enter(LifeStage.Dying, now + DyingFor);
                return true;
            default:
                return HappenWithin(now, happening.Kind);
        }
    }

    private bool HappenWithin(TimeSpan now, GuestEventKind kind)
    {
        switch (kind)
        {
            case GuestEventKind.Suspend when Answers:
                Enter(LifeStage.Suspended, TimeSpan.MaxValue);
                return true;
            case GuestEventKind.Save when Answers:
                Enter(LifeStage.Suspended, now + SavedIn);
                return true;
            case GuestEventKind.Resume when Stage == LifeStage.Suspended && nextStageAt == TimeSpan.MaxValue:
                Continue();
                return true;
            case GuestEventKind.MigrateAway when Answers:
                Enter(LifeStage.Migrating, now + TimeSpan.FromSeconds((double)Actual.Value / SentPerSecond.Value));
                return true;
            case GuestEventKind.Reboot when Answers:
                Reboot(now);
                return true;
            case GuestEventKind.Crash when Runs:
                Crash(now);
                return true;
            default:
                return false;
        }
    }

    // From here on nobody would expect work of it, even if its kernel had not panicked before.
    private static bool Ends(GuestEventKind kind) =>
        kind is GuestEventKind.Destroy or GuestEventKind.Crash or GuestEventKind.Save or GuestEventKind.MigrateAway;

    private bool Restore(TimeSpan now)
    {
        if (saved is not null && Stage is LifeStage.Dying or LifeStage.Gone) askedForAt = now;
        return false;
    }

    // xl keeps what the domain has now, not what it was first configured with: a squeezed guest comes back small.
    private void Reboot(TimeSpan now)
    {
        bootMemory = KiB.Min(this.target, staticMax).FloorToPage();
        askedForAt = now + DyingFor + RebuiltAfter;
        Enter(LifeStage.Dying, now + DyingFor);
    }
}
