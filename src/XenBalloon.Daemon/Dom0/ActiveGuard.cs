using XenBalloon.Daemon.Configuration;

namespace XenBalloon.Daemon.Dom0;

/// <summary>
/// Refuses mode active while xl may shrink dom0: both would move the same memory. Reads the facts each time, since an
/// administrator may have followed the remedy.
/// </summary>
/// <param name="read">Reads the facts.</param>
internal sealed class ActiveGuard(Func<Dom0Facts> read)
{
    /// <summary>The configuration with <see cref="DaemonConfiguration.ActiveRefusal"/> as it is now.</summary>
    internal DaemonConfiguration Check(DaemonConfiguration configuration) => configuration with
    {
        ActiveRefusal = configuration.AllowAutoballoon ? null : Autoballoon.Of(read()).Refusal,
    };
}
