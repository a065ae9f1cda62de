namespace XenBalloon.Core.Hosts;

/// <summary>
/// Which domain, for good: a domid alone comes back after about 60 s, a name can be changed, and a local migration shows one UUID twice.
/// </summary>
/// <param name="Domid">The hypervisor's number for the domain; 0 is dom0.</param>
/// <param name="Uuid">The domain's handle, as the hypervisor holds it.</param>
public readonly record struct DomainIdentity(int Domid, Guid Uuid)
{
    /// <summary>Whether this is the domain that the toolstack, and the daemon, run in.</summary>
    public bool IsDom0 => Domid == 0;

    /// <summary>For example <c>7 (6a5e…)</c>, for messages where no name is known.</summary>
    public override string ToString() => $"{Domid} ({Uuid})";
}
