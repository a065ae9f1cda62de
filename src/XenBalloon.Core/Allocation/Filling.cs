namespace XenBalloon.Core.Allocation;

/// <summary>How full the host is at a level. Whole pages and parts are added up apart, because a sum of both would lose the parts on a large host.</summary>
/// <param name="Whole">Σ⌊x⌋ in pages, exact.</param>
/// <param name="Parts">Σ(x − ⌊x⌋) in pages.</param>
/// <param name="Slope">How fast the sum rises at this level, in pages per unit of θ.</param>
internal readonly record struct Filling(double Whole, double Parts, double Slope);
