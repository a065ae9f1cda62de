namespace XenBalloon.Core.Tests.Allocation;

/// <summary>The slow, obviously right way to what everyone gets before rounding: halves the range of levels in decimal numbers until nothing is left of it.</summary>
internal static class ExactShares
{
    private const int Halvings = 160;

    /// <summary>What each gets, in pages and parts of pages.</summary>
    internal static decimal[] Of(Claimant[] domains, long capacityPages)
    {
        decimal low = 0, high = 1L << 50;
        for (int i = 0; i < Halvings && high - low > 0; i++)
        {
            decimal middle = (low + high) / 2;
            if (domains.Sum(domain => domain.PagesAt(middle)) <= capacityPages) low = middle;
            else high = middle;
        }

        return [.. domains.Select(domain => domain.PagesAt(low))];
    }
}
