namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>A call of one of our methods.</summary>
/// <param name="Member">The method.</param>
/// <param name="Arguments">As busctl takes them, the signature first.</param>
/// <param name="Asked">
/// What the daemon is asked for in consequence; null for nothing: then everyone may call it.
/// </param>
/// <param name="Answer">What busctl shows.</param>
internal sealed record MethodCase(Member Member, string[] Arguments, string? Asked, string Answer = "")
{
    public override string ToString() => $"{Member} {string.Join(' ', Arguments)}";
}
