using XenBalloon.Core.Memory;

namespace XenBalloon.Core.Reservations;

/// <summary>What a choice of donors comes to.</summary>
/// <param name="Missing">What all donors together cannot give; zero when it is enough.</param>
/// <param name="Within">When the last of them has delivered its part.</param>
public readonly record struct DonorChoice(KiB Missing, TimeSpan Within);
