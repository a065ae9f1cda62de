namespace XenBalloon.Xen.Tests.GuestAgent;

/// <summary>enum value of sample.h.</summary>
internal enum SampleValue
{
    Total,
    Available,
    Free,
    Anonymous,
    File,
    Shared,
    Slab,
    Swap,
    Swapped,
    Committed,
    Balloon,
    Refaults,
    MajorFaults,
    SwapIns,
    SomeBp,
    SomeUs,
    FullBp,
    FullUs,
    IoBp,
    Count,
}
