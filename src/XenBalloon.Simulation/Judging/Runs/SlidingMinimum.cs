namespace XenBalloon.Simulation.Judging.Runs;

/// <summary>The least of the last so many values, in constant time for each.</summary>
/// <param name="length">How many, 1 or more.</param>
internal sealed class SlidingMinimum(int length)
{
    // Those that may yet be the least: each is less than all that came after it, so the first is the least.
    private readonly (long Number, long Value)[] candidates = new (long, long)[length];
    private int first;
    private int count;
    private long added;

    /// <summary>Adds a value.</summary>
    /// <returns>The least of the last so many; null where fewer have been added.</returns>
    public long? Add(long value)
    {
        if (count > 0 && candidates[first].Number <= added - length) (first, count) = (Index(1), count - 1);
        while (count > 0 && candidates[Index(count - 1)].Value >= value) count--;
        candidates[Index(count++)] = (added++, value);
        return added >= length ? candidates[first].Value : null;
    }

    /// <summary>Forgets all values.</summary>
    public void Clear() => (first, count, added) = (0, 0, 0);

    private int Index(int number) => (first + number) % length;
}
