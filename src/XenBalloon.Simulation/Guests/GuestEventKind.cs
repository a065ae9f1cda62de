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

    /// <summary><c>xl destroy</c>: dying for a moment, then gone.</summary>
    Destroy,
}
