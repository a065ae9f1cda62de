namespace XenBalloon.EndToEnd.Rig;

/// <summary>What a test guest is told on its kernel command line. tests/rig/guest/init.c has the words.</summary>
[Flags]
public enum GuestTraits
{
    /// <summary>Swaps into compressed memory, and reports as XenServer's agent does.</summary>
    None = 0,
    NoSwap = 1,

    /// <summary>Runs our agent, which alone reports.</summary>
    Agent = 2,
    Silent = 4,

    /// <summary>Its kernel may kill its work for memory, where it would otherwise panic.</summary>
    Killable = 8,
}
