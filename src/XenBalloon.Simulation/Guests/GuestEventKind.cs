namespace XenBalloon.Simulation.Guests;

/// <summary>What someone other than the balancer does to a guest.</summary>
public enum GuestEventKind
{
    /// <summary><c>xl pause</c>: nothing in the guest moves any more.</summary>
    Pause,

    /// <summary><c>xl unpause</c>.</summary>
    Unpause,

    /// <summary><c>xl mem-set</c>: the hypervisor's cap and the target, whatever the guest uses.</summary>
    SetTarget,

    /// <summary><c>xl mem-max</c>: the hypervisor's cap and the static maximum.</summary>
    SetMaxMem,

    /// <summary>Suspended in place, as for a checkpoint.</summary>
    Suspend,

    /// <summary>Goes on after <see cref="Suspend"/>.</summary>
    Resume,

    /// <summary><c>xl save</c>: suspended, then gone, with its memory on disk.</summary>
    Save,

    /// <summary><c>xl restore</c> of what was saved: a new domid, the same UUID, holding what it held.</summary>
    Restore,

    /// <summary><c>xl reboot</c>: destroyed, and built anew with a new domid and the same UUID; xl builds it with its present target.</summary>
    Reboot,

    /// <summary><c>xl migrate</c> to another host: holds what it has while it is sent, then gone.</summary>
    MigrateAway,

    /// <summary>Its kernel panics for reasons of its own.</summary>
    Crash,

    /// <summary><c>xl destroy</c>: dying for a moment, then gone.</summary>
    Destroy,
}
