using System.Globalization;

namespace XenBalloon.Core.Memory;

/// <summary>
/// An amount of memory in KiB, the only unit inside XenBalloon: xenstore's <c>memory/target</c> and the hypervisor's
/// maxmem are in KiB. A difference of two amounts may be negative.
/// </summary>
/// <param name="Value">The amount, in KiB.</param>
public readonly record struct KiB(long Value) : IComparable<KiB>
{
    /// <summary>The size of a page on every machine that Xen runs on, in KiB: balloons move whole pages.</summary>
    public const long PerPage = 4;

    /// <summary>Nothing.</summary>
    public static KiB Zero => default;

    /// <summary>One page.</summary>
    public static KiB Page => new(PerPage);

    /// <summary>16 PiB: more than any machine has, and sums of many such amounts do not overflow.</summary>
    public static KiB Largest => new(1L << 44);

    /// <summary>An amount given in MiB.</summary>
    /// <param name="mib">The amount, in MiB.</param>
    public static KiB FromMiB(long mib) => new(mib * 1024);

    /// <summary>The greater of two amounts.</summary>
    public static KiB Max(KiB left, KiB right) => left.Value >= right.Value ? left : right;

    /// <summary>The smaller of two amounts.</summary>
    public static KiB Min(KiB left, KiB right) => left.Value <= right.Value ? left : right;

    /// <summary>
    /// This amount, limited to at least <paramref name="lowest"/> and at most <paramref name="highest"/>; the lowest
    /// takes precedence if they cross.
    /// </summary>
    public KiB Clamp(KiB lowest, KiB highest) => Max(lowest, Min(this, highest));

    /// <summary>This amount rounded down to whole pages.</summary>
    public KiB FloorToPage() => new(Value & -PerPage);

    /// <summary>This amount rounded up to whole pages.</summary>
    public KiB CeilingToPage() => -(-this).FloorToPage();

    /// <summary>A fraction of the amount, rounded down.</summary>
    /// <param name="fraction">The fraction; 1 for all of it.</param>
    public KiB Times(double fraction) => new((long)Math.Floor(Value * fraction));

    /// <inheritdoc/>
    public int CompareTo(KiB other) => Value.CompareTo(other.Value);

    /// <summary>Negates.</summary>
    public static KiB operator -(KiB amount) => new(-amount.Value);

    /// <summary>Adds.</summary>
    public static KiB operator +(KiB left, KiB right) => new(left.Value + right.Value);

    /// <summary>Subtracts.</summary>
    public static KiB operator -(KiB left, KiB right) => new(left.Value - right.Value);

    /// <summary>Whether the left amount is the smaller.</summary>
    public static bool operator <(KiB left, KiB right) => left.Value < right.Value;

    /// <summary>Whether the left amount is the greater.</summary>
    public static bool operator >(KiB left, KiB right) => left.Value > right.Value;

    /// <summary>Whether the left amount is no greater.</summary>
    public static bool operator <=(KiB left, KiB right) => left.Value <= right.Value;

    /// <summary>Whether the left amount is no smaller.</summary>
    public static bool operator >=(KiB left, KiB right) => left.Value >= right.Value;

    /// <summary>Formats the amount with its unit: <c>512 MiB</c>, <c>1.5 GiB</c>, <c>12 KiB</c>.</summary>
    public override string ToString()
    {
        (double amount, string unit) = Math.Abs((double)Value) switch
        {
            >= 10L * 1024 * 1024 => (Value / (1024.0 * 1024.0), "GiB"),
            >= 1024 => (Value / 1024.0, "MiB"),
            _ => (Value, "KiB"),
        };
        string format = Math.Abs(amount) < 100 ? "0.#" : "0";
        return $"{amount.ToString(format, CultureInfo.InvariantCulture)} {unit}";
    }
}
