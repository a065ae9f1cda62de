using System.Collections.Immutable;
using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>What <c>list --json</c> writes.</summary>
/// <param name="Domains">In ascending order of domid.</param>
internal sealed record ListJson(ImmutableArray<DomainJson> Domains)
{
    internal static ListJson Of(HostStatus host) => new([.. host.Domains.Select(DomainJson.Of)]);
}
