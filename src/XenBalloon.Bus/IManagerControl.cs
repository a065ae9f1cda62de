using XenBalloon.Core.Settings;

namespace XenBalloon.Bus;

/// <summary>
/// What the daemon does at the word of an administrator. The methods are called on the bus thread and must not hold it up: they post to the loop and
/// return a task, and the caller is answered when that completes. The message of an exception reaches the caller as one line.
/// </summary>
public interface IManagerControl
{
    /// <summary>Changes the mode; done when a publication shows it.</summary>
    Task SetModeAsync(BalancerMode mode);

    /// <summary>Reads the configuration anew; fails, with the old settings kept, when it is bad.</summary>
    Task ReloadAsync();

    /// <summary>Takes a step now.</summary>
    Task BalanceAsync();
}
