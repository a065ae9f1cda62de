namespace XenBalloon.Simulation;

/// <summary>
/// Chance as a pure function of a seed and a number (SplitMix64's finalizer), so that a moment can be asked about in any order, any number of times,
/// and always answers alike.
/// </summary>
internal static class Noise
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>Well-mixed bits.</summary>
    public static ulong Bits(ulong seed, ulong number)
    {
        ulong bits = seed + ((number + 1) * GoldenGamma);
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A part of one, evenly spread from 0 to below 1.</summary>
    public static double Part(ulong seed, ulong number) => (Bits(seed, number) >> 11) * (1.0 / (1UL << 53));
}
