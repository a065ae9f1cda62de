namespace XenBalloon.Core.Settings;

/// <summary>What becomes of memory that nobody needs.</summary>
public enum SpareUse
{
    /// <summary>
    /// It stays free, or becomes so little by little where a guest's kernel tells whether it waits for memory: there for whoever needs it next. Guests
    /// that do not tell keep what they have until somebody needs it.
    /// </summary>
    Keep,

    /// <summary>It is lent out by weight, as cache that can be taken back.</summary>
    Lend,
}
