namespace XenBalloon.Simulation.Scenarios;

/// <summary>
/// Random numbers as a pure function of a seed and an index (the finalizer of SplitMix64). A load can be evaluated at
/// any time, in any order, and always gives the same amount.
/// </summary>
internal static class Noise
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>64 random bits.</summary>
    public static ulong Bits(ulong seed, ulong index)
    {
        ulong bits = seed + ((index + 1) * GoldenGamma);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A uniform random number from 0 to below 1.</summary>
    public static double Fraction(ulong seed, ulong index) => (Bits(seed, index) >> 11) * (1.0 / (1UL << 53));
}
