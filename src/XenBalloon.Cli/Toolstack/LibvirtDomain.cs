using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Toolstack;

/// <summary>
/// Reads libvirt's XML of a domain, as libvirt hands it to its hooks (https://libvirt.org/formatdomain.html): <c>memory</c> is the most that the domain can have and
/// <c>currentMemory</c> what it starts with, each with a unit, KiB where there is none.
/// </summary>
internal static class LibvirtDomain
{
    private const int MostCharacters = 1 << 22;

    /// <summary>Reads it.</summary>
    /// <exception cref="ToolstackException">It is no such document; the message says what is wrong with it.</exception>
    internal static DomainConfiguration Read(Stream xml)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(xml, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = MostCharacters });
            XElement domain = XElement.Load(reader);
            return domain.Name.LocalName == "domain" ? Read(domain) : throw new ToolstackException($"expected libvirt's <domain>, not <{domain.Name.LocalName}>");
        }
        catch (XmlException exception)
        {
            throw new ToolstackException($"this is not libvirt's XML of a domain: {exception.Message}", exception);
        }
    }

    private static DomainConfiguration Read(XElement domain)
    {
        KiB most = Size(domain.Element("memory")) ?? throw new ToolstackException("the domain's XML has no <memory>");
        string vcpus = domain.Element("vcpu")?.Value.Trim() ?? "1";
        return new DomainConfiguration
        {
            Name = domain.Element("name")?.Value ?? "",
            Type = domain.Element("os")?.Element("type")?.Value.Trim() switch
            {
                "hvm" or "xenpvh" => DomainKind.Hvm,
                _ => DomainKind.Pv,
            },
            Memory = KiB.Min(most, Size(domain.Element("currentMemory")) ?? most),
            MaxMem = most,
            Vcpus = int.TryParse(vcpus, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is > 0 and <= DomainConfiguration.MostVcpus
                ? count : throw new ToolstackException($"invalid <vcpu> '{vcpus}': expected a number of CPUs"),
            Hap = domain.Element("features")?.Element("hap")?.Attribute("state")?.Value switch { "on" => true, "off" => false, _ => null },
            HasPassthrough = domain.Element("devices")?.Elements("hostdev").Any(device => device.Attribute("type")?.Value == "pci") ?? false,
        };
    }

    private static KiB? Size(XElement? element)
    {
        if (element is null) return null;
        string unit = element.Attribute("unit")?.Value ?? "KiB";
        double bytes = unit switch
        {
            "b" or "bytes" => 1,
            "KB" => 1e3,
            "k" or "KiB" => 1L << 10,
            "MB" => 1e6,
            "M" or "MiB" => 1L << 20,
            "GB" => 1e9,
            "G" or "GiB" => 1L << 30,
            "TB" => 1e12,
            "T" or "TiB" => 1L << 40,
            _ => throw new ToolstackException($"invalid unit '{unit}' of <{element.Name.LocalName}>: expected one of libvirt's"),
        };
        if (!ulong.TryParse(element.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number * bytes / 1024 > KiB.Largest.Value)
        {
            throw new ToolstackException($"invalid <{element.Name.LocalName}> '{element.Value}': expected a size");
        }

        return new KiB((long)Math.Ceiling(number * bytes / 1024));
    }
}
