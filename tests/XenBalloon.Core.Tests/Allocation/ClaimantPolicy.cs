namespace XenBalloon.Core.Tests.Allocation;

/// <summary>Which of the policies' curves a domain has.</summary>
internal enum ClaimantPolicy
{
    FairShare,
    Proportional,
    Shares,
    Fixed,
}
