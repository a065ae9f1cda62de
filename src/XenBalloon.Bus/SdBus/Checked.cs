using System.Runtime.CompilerServices;

namespace XenBalloon.Bus.SdBus;

/// <summary>Turns negative results of libsystemd into exceptions.</summary>
internal static class Checked
{
    /// <summary>The result, unless it is an error.</summary>
    /// <exception cref="SdBusException">It is an error.</exception>
    internal static int Result(int result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result >= 0 ? result : throw new SdBusException(-result, NameOf(call));

    private static string NameOf(string call)
    {
        string function = call[(call.IndexOf('.', StringComparison.Ordinal) + 1)..];
        int arguments = function.IndexOf('(', StringComparison.Ordinal);
        return arguments < 0 ? function : function[..arguments];
    }
}
