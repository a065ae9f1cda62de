namespace XenBalloon.Bus.Tests.EveryMember;

/// <summary>Something that one of our interfaces has.</summary>
/// <param name="Interface">The last part of the interface's name.</param>
/// <param name="Kind"><c>method</c>, <c>property</c> or <c>signal</c>, as introspection calls it.</param>
/// <param name="Name">Its name.</param>
internal sealed record Member(string Interface, string Kind, string Name)
{
    public override string ToString() => $"{Interface}.{Name}";
}
