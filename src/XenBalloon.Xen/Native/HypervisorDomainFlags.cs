namespace XenBalloon.Xen.Native;

/// <summary><c>XB_HV_DOMAIN_*</c> of native/hypervisor/xenballoon-hv.h.</summary>
[Flags]
internal enum HypervisorDomainFlags : uint
{
    None = 0,
    Dying = 1 << 0,
    Hvm = 1 << 1,
    Shutdown = 1 << 2,
    Paused = 1 << 3,
    Blocked = 1 << 4,
    Running = 1 << 5,
}
