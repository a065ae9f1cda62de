using XenBalloon.Simulation.Judging;

namespace XenBalloon.Simulation.Tests.Judging;

public sealed class SlidingMinimumTests
{
    [Test]
    public void It_is_the_least_of_the_last_values_and_unknown_until_there_are_so_many()
    {
        var window = new SlidingMinimum(3);
        long?[] least = [.. new long[] { 5, 3, 4, 6, 7, 8, 1, 9, 9, 9 }.Select(window.Add)];
        Assert.That(least, Is.EqualTo(new long?[] { null, null, 3, 3, 4, 6, 1, 1, 1, 9 }));
    }

    [Test]
    public void It_agrees_with_looking_at_all_of_them()
    {
        var random = new Random(1);
        long[] values = [.. Enumerable.Range(0, 1000).Select(_ => (long)random.Next(50))];
        var window = new SlidingMinimum(17);
        long?[] least = [.. values.Select(window.Add)];
        Assert.That(least[16..], Is.EqualTo(
            Enumerable.Range(0, values.Length - 16).Select(start => (long?)values[start..(start + 17)].Min())));
    }

    [Test]
    public void It_forgets()
    {
        var window = new SlidingMinimum(2);
        window.Add(1);
        window.Add(1);
        window.Clear();
        Assert.That((window.Add(5), window.Add(6)), Is.EqualTo(((long?)null, (long?)5)));
    }
}
