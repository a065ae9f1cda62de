namespace XenBalloon.Core.Settings;

/// <summary>Who gets how much.</summary>
public enum PolicyKind
{
    /// <summary>By weights, with a tax on idle memory: what is in use comes first (Waldspurger, OSDI 2002).</summary>
    FairShare,

    /// <summary>All the same part of the way from their minimum to their maximum, whatever they need (squeezed).</summary>
    Proportional,

    /// <summary>The minimums, and of the rest by weights, whatever they need (Proxmox).</summary>
    Shares,

    /// <summary>Everyone what they have: nothing is moved but for a reservation.</summary>
    Static,
}
