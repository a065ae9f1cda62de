using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Allocation;

/// <summary>
/// What one domain gets as the host's level θ rises: the lower of two straight lines, within bounds. It never falls,
/// and bends at most once, from the steeper line to the flatter. Each policy chooses the lines and the unit of θ, which
/// is the same for all curves solved together.
/// </summary>
public readonly record struct ShareCurve
{
    private ShareCurve(double start, double slope, KiB lower, KiB upper)
        : this(start, slope, start, slope, lower, upper)
    {
    }

    private ShareCurve(double start, double slope, double startBeyond, double slopeBeyond, KiB lower, KiB upper)
    {
        Start = start;
        Slope = slope;
        StartBeyond = startBeyond;
        SlopeBeyond = slopeBeyond;
        Lower = lower;
        Upper = KiB.Max(lower, upper);
    }

    /// <summary>
    /// The first line at θ = 0, in KiB: at most <see cref="Lower"/>, so that the search can start from zero.
    /// </summary>
    public double Start { get; }

    /// <summary>How fast the first line rises, in KiB per unit of θ.</summary>
    public double Slope { get; }

    /// <summary>The second line, which applies beyond the bend, at θ = 0, in KiB.</summary>
    public double StartBeyond { get; }

    /// <summary>
    /// How fast the second line rises, in KiB per unit of θ: at most as fast as the first, and zero only if the first
    /// is flat too.
    /// </summary>
    public double SlopeBeyond { get; }

    /// <summary>The domain gets at least this, zero or more.</summary>
    public KiB Lower { get; }

    /// <summary>The domain gets at most this; at least <see cref="Lower"/>.</summary>
    public KiB Upper { get; }

    /// <summary>
    /// Fair share with idle tax: w·θ until the active memory is filled, then τA + (1 − τ)wθ. It is the closed form of
    /// ESX's min-funding revocation (Waldspurger, OSDI 2002, §5) with ρ = S / (P(f + k(1 − f))) and k = 1/(1 − τ): θ is
    /// 1/ρ, in KiB per share. Without a tax it is a proportional share.
    /// </summary>
    /// <param name="weight">w: the domain's shares, more than 0.</param>
    /// <param name="active">A: memory that it uses; idle tax is due above it. A negative value counts as zero.</param>
    /// <param name="idleTax">τ, 0 to below 1.</param>
    /// <param name="lower">It gets at least this.</param>
    /// <param name="upper">It gets at most this; the lower bound wins where they cross.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The weight is not positive, or the tax is not in [0, 1).
    /// </exception>
    public static ShareCurve FairShare(int weight, KiB active, double idleTax, KiB lower, KiB upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        ArgumentOutOfRangeException.ThrowIfNegative(idleTax);
        if (!(idleTax < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(idleTax), idleTax, "expected 0 to below 1");
        }

        double taxed = idleTax * AtLeastZero(active).Value;
        return new ShareCurve(0, weight, taxed, (1 - idleTax) * weight, AtLeastZero(lower), upper);
    }

    /// <summary>
    /// The same fraction γ of each domain's range, as XAPI's squeezed shares out: l + γ(u − l). θ is γ, 0 to 1.
    /// </summary>
    /// <param name="lower">l: it gets at least this.</param>
    /// <param name="upper">u: it gets at most this; the lower bound wins where they cross.</param>
    public static ShareCurve Proportional(KiB lower, KiB upper)
    {
        KiB from = AtLeastZero(lower), to = KiB.Max(from, upper);
        return new ShareCurve(from.Value, (to - from).Value, from, to);
    }

    /// <summary>
    /// The lower bound and a weighted share of the rest, as Proxmox' auto-ballooning shares out: min(u, l + θw). θ is
    /// in KiB per share.
    /// </summary>
    /// <param name="weight">w: the domain's shares, more than 0.</param>
    /// <param name="lower">l: it gets at least this.</param>
    /// <param name="upper">u: it gets at most this; the lower bound wins where they cross.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is not positive.</exception>
    public static ShareCurve Shares(int weight, KiB lower, KiB upper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        return new ShareCurve(AtLeastZero(lower).Value, weight, AtLeastZero(lower), upper);
    }

    /// <summary>A fixed amount at every level.</summary>
    /// <param name="amount">What the domain gets.</param>
    public static ShareCurve Fixed(KiB amount) => new(AtLeastZero(amount).Value, 0, AtLeastZero(amount), amount);

    /// <summary>What the domain gets at a level, in KiB, before it is rounded to pages.</summary>
    /// <param name="level">θ, zero or more.</param>
    public double At(double level) =>
        Math.Clamp(Math.Min(Start + (Slope * level), StartBeyond + (SlopeBeyond * level)), Lower.Value, Upper.Value);

    private static KiB AtLeastZero(KiB amount) => KiB.Max(amount, KiB.Zero);
}
