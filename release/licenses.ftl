# Licences

Every jar in `lib` that others made, and the licences its makers name.

| Jar | From | Licence |
|---|---|---|
<#list dependencyMap as entry>
<#assign project = entry.getKey()/>
<#assign licences = entry.getValue()/>
<#if project.groupId != "io.tidelog">
| ${project.artifactId}-${project.version} | ${project.groupId}:${project.artifactId} | <#list licences as licence>${licence}<#if licence_has_next>; </#if></#list> |
</#if>
</#list>
