using XenBalloon.Simulation.Files.Reading;

namespace XenBalloon.Simulation.Files.Traces;

/// <summary>A recording of a host.</summary>
/// <param name="Domains">Those that were there, in the order in which they were first seen.</param>
internal sealed record Trace(IReadOnlyList<TraceDomain> Domains)
{
    /// <summary>Finds a domain.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="error">Which ones there are; null when it was found.</param>
    public TraceDomain? Find(string name, out string? error)
    {
        TraceDomain? found = Domains.FirstOrDefault(domain => domain.Name == name);
        error = found is null ? $"domain {Nearest.Quote(name)} was not recorded: {Nearest.Hint(name, Domains.Select(domain => domain.Name))}" : null;
        return found;
    }
}
