namespace XenBalloon.Simulation.Peers.Proxmox;

/// <summary>A virtual machine as PVE's autoballoon sees it. All sizes in bytes, as PVE computes, so that its test vectors hold to the byte.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Balloon">What it has.</param>
/// <param name="Minimum">The least: <c>balloon</c> in its configuration.</param>
/// <param name="Maximum">The most: <c>memory</c> in its configuration.</param>
/// <param name="Shares">Its shares, 1000 where nothing was said.</param>
/// <param name="Free">MemFree, as its virtio balloon reports it; 0 where it does not.</param>
internal sealed record ProxmoxGuest(int Id, long Balloon, long Minimum, long Maximum, long Shares, long Free)
{
    /// <summary>Whether it counts as short of memory: it grows first, and shrinks last.</summary>
    public bool IsPressured => Free == 0 || Free <= Minimum * 0.25 || Balloon < Minimum;
}
